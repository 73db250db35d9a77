package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of mounts as Linux 6.18 printed them, cut down to what matters. */
@Rule(7)
class MountNamespacesTest {
  private static final DeviceNumber VOLUME = new DeviceNumber(7, 3);
  private static final Path OWN = Path.of("/var/lib/berth/mnt/v");
  private static final String HOST =
      """
      27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
      90 27 7:3 / /var/lib/berth/mnt/v rw,relatime shared:9 - ext4 /dev/loop3 rw
      """;

  @TempDir Path directory;

  @Test
  void aServiceWithItsOwnNamespaceHoldsNothing() throws IOException {
    assertThat(
            holders(
                HOST,
                """
                157 135 254:0 / / rw,relatime master:1 - ext4 /dev/vda rw
                158 157 7:3 / /var/lib/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
                """,
                """
                181 160 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
                182 181 7:3 / /var/lib/berth/mnt/v rw,relatime shared:9 - ext4 /dev/loop3 rw
                """))
        .isEmpty();
  }

  @Test
  void aContainerThatSeesTheHostHoldsNothing() throws IOException {
    assertThat(
            holders(
                HOST,
                """
                300 299 0:70 / / rw,relatime - overlay overlay rw
                301 300 254:0 / /host ro,relatime master:1 - ext4 /dev/vda rw
                302 301 7:3 / /host/var/lib/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
                303 300 254:0 /var/lib /state rw,relatime master:1 - ext4 /dev/vda rw
                304 303 7:3 / /state/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
                """))
        .isEmpty();
  }

  @Test
  void aPrivateCopyIsAUse() throws IOException {
    String copy =
        """
        205 184 254:0 / / rw,relatime - ext4 /dev/vda rw
        206 205 7:3 / /var/lib/berth/mnt/v rw,relatime - ext4 /dev/loop3 rw
        """;
    assertThat(holders(HOST, copy)).containsExactly("process 100, name-of-100, at " + OWN);
  }

  @Test
  void aContainersMountIsAUseWhateverItFollows() throws IOException {
    for (String followed : List.of("", "master:9 ", "shared:9 ", "shared:12 master:9 ")) {
      String container =
          """
          300 299 0:70 / / rw,relatime master:1 - overlay overlay rw
          301 300 7:3 /_data /data rw,relatime %s- ext4 /dev/loop3 rw
          """;
      assertThat(holders(HOST, container.formatted(followed))).hasSize(1);
      assertThat(holders(HOST, container.formatted(followed).replace("/_data", "/"))).hasSize(1);
    }
  }

  @Test
  void besideACopyAnyOtherMountIsAUse() throws IOException {
    String copy =
        """
        157 135 254:0 / / rw,relatime master:1 - ext4 /dev/vda rw
        158 157 7:3 / /var/lib/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
        """;
    assertThat(holders(HOST, copy + "159 157 7:3 / /mnt rw master:9 - ext4 /dev/loop3 rw\n"))
        .containsExactly("process 100, name-of-100, at /mnt");
    assertThat(holders(HOST + "91 27 7:3 / /mnt rw shared:9 - ext4 /dev/loop3 rw\n", copy))
        .hasSize(1);
  }

  @Test
  void aCopyStaysIfSomethingIsMountedInIt() throws IOException {
    String copy =
        """
        157 135 254:0 / / rw,relatime master:1 - ext4 /dev/vda rw
        158 157 7:3 / /var/lib/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
        159 158 0:46 / /var/lib/berth/mnt/v/c rw,relatime - tmpfs x rw
        """;
    assertThat(holders(HOST, copy)).hasSize(1);
  }

  @Test
  void onlyTheSamePlaceOfTheSameFilesystemIsUnmounted() throws IOException {
    String elsewhere =
        """
        27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        28 27 %s / / rw,relatime master:1 - ext4 /dev/vda rw
        29 28 7:3 %s %s rw,relatime master:9 - ext4 /dev/loop3 rw
        """;
    assertThat(holders(HOST, elsewhere.formatted("254:0", "/", OWN))).isEmpty();
    assertThat(holders(HOST, elsewhere.formatted("254:1", "/", OWN))).hasSize(1);
    assertThat(holders(HOST, elsewhere.formatted("254:0", "/_data", OWN))).hasSize(1);
    assertThat(holders(HOST, elsewhere.formatted("254:0", "/", OWN.resolve("w")))).hasSize(1);
    assertThat(holders(HOST, elsewhere.formatted("254:0", "/", "/x" + OWN))).hasSize(1);
  }

  @Test
  void aCopyOfACopyGoesAsLongAsTheWayToItIsKnown() throws IOException {
    String copy =
        """
        157 135 254:0 / / rw,relatime %s - ext4 /dev/vda rw
        158 157 7:3 / /var/lib/berth/mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw
        """;
    String last = copy.formatted("master:30");
    assertThat(
            holders(
                HOST,
                last,
                copy.formatted("shared:30 master:20"),
                copy.formatted("shared:20 master:1")))
        .isEmpty();
    assertThat(holders(HOST, last, copy.formatted("shared:20 master:1"))).hasSize(1);
    assertThat(holders(HOST, copy.formatted("master:30 propagate_from:1"))).isEmpty();
  }

  @Test
  void whereOurMountIsPassedOnToNobodyEveryCopyIsAUse() throws IOException {
    String copy =
        """
        157 135 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        158 157 7:3 / /var/lib/berth/mnt/v rw,relatime shared:9 - ext4 /dev/loop3 rw
        """;
    assertThat(holders(HOST.replace("shared:1 ", ""), copy)).hasSize(1);
    assertThat(holders(HOST.replace("shared:1 ", "master:1 "), copy)).hasSize(1);
    assertThat(holders(HOST.replace("shared:1 ", "shared:2 master:1 "), copy)).hasSize(1);
    assertThat(holders(HOST.lines().findFirst().orElseThrow() + "\n", copy)).hasSize(1);
  }

  @Test
  void aCopyOnAMountThatItsProcessCannotSeeIsAUse() throws IOException {
    String copy = "158 157 7:3 / /mnt/v rw,relatime master:9 - ext4 /dev/loop3 rw\n";
    assertThat(holders(HOST, copy)).hasSize(1);
    assertThat(holders(HOST.lines().skip(1).findFirst().orElseThrow() + "\n", copy)).hasSize(1);
  }

  @Test
  void aProcessWhoseMainThreadHasEndedUsesWhatItsOthersSee() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.headless("4711", "4712", "2", "301 300 7:3 /_data /data rw - ext4 /dev/loop3 rw\n");
    assertThat(holders(proc)).containsExactly("process 4711, worker, at /data");
  }

  @Test
  void aNamespaceIsReadAtAnotherOfItsProcessesIfOneEndsMeanwhile() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    String container = "301 300 7:3 /_data /data rw - ext4 /dev/loop3 rw\n";
    proc.process("self", "1", HOST);
    for (String pid : List.of("20", "21")) {
      proc.process(pid, "2", container);
    }
    Path first = new MountNamespaces(proc.directory()).all().getLast().process();
    Files.delete(first.resolve("mountinfo"));
    assertThat(holders(proc)).hasSize(1);
  }

  private static final String CONTAINER =
      """
      300 299 0:70 / / rw - overlay overlay rw
      301 300 7:3 /_data /data rw - ext4 /dev/loop3 rw
      """;

  @Test
  void aProcessWhoseNamespaceIsNotNamedUsesWhatItSees() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("20", "2", CONTAINER);
    proc.process("21", "2", CONTAINER);
    proc.hideNamespace("20");
    proc.hideNamespace("21");
    assertThat(holders(proc)).hasSize(1).first().asString().endsWith("at /data");
  }

  @Test
  void aProcessOfOurOwnNamespaceUsesNothingThoughItIsNotNamed() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("20", "1", HOST);
    proc.hideNamespace("20");
    proc.process("21", "1", "90 27 7:3 / / rw,relatime shared:9 - ext4 /dev/loop3 rw\n");
    proc.hideNamespace("21");
    assertThat(holders(proc)).isEmpty();
  }

  @Test
  void whatCannotBeSeenIsNotNobody() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("20", "2", CONTAINER);
    proc.hideNamespace("20");
    proc.hideMounts("20");
    proc.stat("20", "S", 0x400100);
    assertThatThrownBy(() -> holders(proc))
        .isInstanceOf(HostException.Io.class)
        .hasMessageContaining("cannot see what process 20 has mounted")
        .hasMessageContaining("CAP_SYS_PTRACE");
  }

  @Test
  void aProcessThatIsEndingHasNoMountsAnyMore() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    for (String pid : List.of("20", "21")) {
      proc.process(pid, pid, CONTAINER);
      proc.hideNamespace(pid);
      proc.hideMounts(pid);
    }
    proc.stat("20", "Z", 0);
    proc.stat("21", "R", 0x400104);
    assertThat(holders(proc)).isEmpty();
  }

  @Test
  void aProcThatHidesProcessesIsNotBelieved() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    Files.delete(proc.directory().resolve("1"));
    assertThatThrownBy(() -> holders(proc))
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessageContaining("hidepid");
  }

  @Test
  void whoSeesTheSameMountSeesTheSame() throws IOException {
    String followed = HOST.replace("27 1 ", "57 50 ").replace("90 27 ", "91 57 ");
    assertThat(sight(HOST, followed)).isEmpty();
    String container =
        """
        58 50 0:70 / / rw - overlay overlay rw
        59 58 254:0 /var/lib/berth /var/lib/berth rw shared:1 - ext4 /dev/vda rw
        60 59 7:3 / /var/lib/berth/mnt/v rw shared:9 - ext4 /dev/loop3 rw
        """;
    assertThat(sight(container, HOST)).isEmpty();
  }

  @Test
  void whoSeesSomethingElseIsTold() throws IOException {
    String bare = "57 50 254:0 / / rw - ext4 /dev/vda rw\n";
    assertThat(sight(HOST, bare)).contains("name-of-100: /dev/vda, mounted at /");
    String covered = HOST + "91 27 0:44 / /var rw - tmpfs none rw\n";
    assertThat(sight(HOST, covered)).contains("name-of-100: none, mounted at /var");
    String part = HOST.replace("7:3 / ", "7:3 /sub ");
    assertThat(sight(HOST, part)).contains("name-of-100: /dev/loop3, mounted at " + OWN);
    String elsewhere = HOST.replace("/var/lib/berth", "/srv/berth");
    assertThat(sight(HOST, elsewhere)).contains("name-of-100: /dev/vda, mounted at /");
    String other = HOST.replace(" 7:3 ", " 7:4 ");
    assertThat(sight(HOST, other)).isPresent();
    assertThat(sight(bare, bare.replace("57 50", "67 60"))).as("not mounted at all").isEmpty();
  }

  @Test
  void inOurOwnNamespaceNothingIsRead() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("100", "1", "");
    assertThat(new MountNamespaces(proc.directory()).otherSight(100, OWN)).isEmpty();
  }

  @Test
  void process1StandsForAProcessThatHasEnded() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("1", "2", "57 50 254:0 / / rw - ext4 /dev/vda rw\n");
    assertThat(new MountNamespaces(proc.directory()).otherSight(100, OWN).orElseThrow().pid())
        .isEqualTo(1);
  }

  private Optional<String> sight(String ours, String theirs) throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", ours);
    proc.process("100", "2", theirs);
    return new MountNamespaces(proc.directory())
        .otherSight(100, OWN)
        .map(sight -> sight.command() + ": " + sight.met());
  }

  @Test
  void process1SeesWhatIsMountedWhereItIsToldOf() throws IOException {
    String shared = "57 50 254:0 / / rw %s - ext4 /dev/vda rw\n";
    assertThat(passedOn(HOST, shared.formatted("shared:1"))).isTrue();
    assertThat(passedOn(HOST, shared.formatted("master:1"))).isTrue();
    assertThat(passedOn(HOST, shared.formatted("shared:2"))).isFalse();
    assertThat(passedOn(HOST, shared.formatted(""))).isFalse();
    assertThat(passedOn(HOST.replace("shared:1", "master:1"), shared.formatted("shared:1")))
        .as("a unit with a namespace of its own")
        .isFalse();
    String container =
        """
        58 50 0:70 / / rw - overlay overlay rw
        59 58 254:0 /var/lib/berth /var/lib/berth rw shared:1 - ext4 /dev/vda rw
        """;
    assertThat(passedOn(container, shared.formatted("shared:1"))).isTrue();
    assertThat(
            passedOn(container.replace("0 /var/lib/b", "0 /srv/b"), shared.formatted("shared:1")))
        .as("at another path")
        .isFalse();
  }

  private boolean passedOn(String ours, String first) throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "2", ours);
    proc.process("1", "1", first);
    return new MountNamespaces(proc.directory()).arePassedOnToFirst(Path.of("/var/lib/berth/mnt"));
  }

  private List<String> holders(String ours, String... others) throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", ours);
    for (int i = 0; i < others.length; i++) {
      proc.process("" + (100 + i), "" + (100 + i), others[i]);
    }
    return holders(proc);
  }

  private static List<String> holders(FakeProc proc) {
    return new MountNamespaces(proc.directory())
        .holders(VOLUME, Optional.of(Path.of("/dev/loop3")), OWN).stream()
            .map(Holder::toString)
            .toList();
  }
}
