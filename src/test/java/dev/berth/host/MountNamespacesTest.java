package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of mounts as Linux 6.18 printed them, cut down to what matters. */
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
