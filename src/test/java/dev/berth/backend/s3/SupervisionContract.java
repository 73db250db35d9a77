package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.backend.Observed;
import dev.berth.host.ProcessId;
import dev.berth.testing.OtherNamespace;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.testing.Traces;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountClient.State;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Clients that die, hang, lose their store, or their Berth. */
abstract class SupervisionContract extends S3BackendContract {
  private static final String OTHER_KEY = "AKIATESTBERTH0000002";

  private FuseClient kind() {
    return FuseClients.of(ClientKind.of(client()).orElseThrow());
  }

  private MountClient status(Volume volume) {
    return backend().client(volume).orElseThrow();
  }

  /** Returns once the client does nothing but serve. */
  void awaitStarted(long pid) {}

  /** To all processes of the client. */
  private void signal(Volume volume, String signal) {
    awaitStarted(status(volume).pid());
    Run.of("kill", "-" + signal, "--", "-" + status(volume).pid()).succeed();
  }

  private Volume mounted(String name, String... given) throws IOException {
    Volume volume = create(name, options(given));
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("x"), "kept");
    Files.createDirectory(mountpoint.resolve("sub"));
    Files.writeString(mountpoint.resolve("sub/y"), "deep");
    backend().flush(volume);
    return volume;
  }

  /** Another run of Berth, which finds the port taken at which clients asked for their keys. */
  final void resumeWithKeysElsewhere(Volume volume) throws IOException {
    int port = keysPort(volume);
    backend().close();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      restart();
      backend().resume(volume);
      assertThat(taken.isBound()).isTrue();
    }
  }

  /** Where its client asks for its keys. */
  final int keysPort(Volume volume) {
    return ClientDirectory.of(bed().root().resolve("s3"), volume.id())
        .read()
        .orElseThrow()
        .keysPort();
  }

  private static boolean reads(Path file) {
    try {
      return Files.readString(file).equals("kept");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aClientAndTheOneInItsPlaceHaveLittleOfRootsPower() throws IOException {
    Volume volume = mounted("confined");
    long first = status(volume).pid();
    assertConfined(first);
    signal(volume, "KILL");
    await().atMost(LIMIT).until(() -> status(volume).restarts() == 1);
    assertThat(status(volume).pid()).isNotEqualTo(first);
    assertConfined(status(volume).pid());
    await().atMost(LIMIT).until(() -> reads(backend().mountpoint(volume).resolve("x")));
  }

  /** CAP_SYS_ADMIN alone, to mount. */
  private static void assertConfined(long pid) {
    assertThat(Traces.read(Path.of("/proc", "" + pid, "status")))
        .contains("CapBnd:\t0000000000200000", "CapEff:\t0000000000200000")
        .contains("CapInh:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");
  }

  @Test
  void aKilledClientIsReplacedAndAllNamespacesGetTheirMountBack() throws IOException {
    Volume volume = mounted("killed");
    long first = status(volume).pid();
    Path directory = Files.createTempDirectory(bed().work(), "namespace");
    try (OtherNamespace other = new OtherNamespace(backend().mountpoint(volume), directory)) {
      assertThat(other.at("whole/x")).hasContent("kept");
      long started = System.nanoTime();
      signal(volume, "KILL");
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> reads(other.at("whole/x")));
      System.out.printf(
          "%s: killed, and read again in another namespace after %d ms%n",
          client(), (System.nanoTime() - started) / 1_000_000);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                assertThat(other.at("part/y")).hasContent("deep");
                assertThat(other.at("ro/x")).hasContent("kept");
              });
      assertThatThrownBy(() -> Files.createFile(other.at("ro/new")))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("Read-only");
      Files.writeString(other.at("whole/new"), "new");
      assertThat(backend().mountpoint(volume).resolve("new")).hasContent("new");
      assertThat(options(other, "ro")).contains("ro", "noexec", "nosuid");
      assertThat(options(other, "whole")).contains("rw", "nosuid").doesNotContain("noexec");
    }
    await().atMost(LIMIT).until(() -> status(volume).restarts() == 1);
    assertThat(status(volume).pid()).isNotEqualTo(first);
    assertThat(status(volume).state()).isEqualTo(State.HEALTHY);
    assertThat(status(volume).lastError()).hasValueSatisfying(e -> assertThat(e).contains("ended"));
  }

  private static String[] options(OtherNamespace other, String place) {
    return Traces.read(other.mountinfo())
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields[4].endsWith("/" + place))
        .findFirst()
        .orElseThrow()[5]
        .split(",");
  }

  @Test
  void aClientThatHangsIsReplaced() throws IOException {
    Volume volume = mounted("hung");
    signal(volume, "STOP");
    await().atMost(LIMIT).until(() -> status(volume).restarts() == 1);
    assertThat(status(volume).lastError())
        .hasValueSatisfying(e -> assertThat(e).contains("not answered"));
    await().atMost(LIMIT).until(() -> reads(backend().mountpoint(volume).resolve("x")));
  }

  @Test
  void aStoreThatIsDownIsWaitedFor() throws IOException {
    Volume volume = mounted("down");
    long pid = status(volume).pid();
    bed().store().stop();
    try {
      await().atMost(LIMIT).until(() -> status(volume).state() == State.ENDPOINT_DOWN);
      assertThat(status(volume).lastError())
          .hasValueSatisfying(e -> assertThat(e).contains("does not answer"));
    } finally {
      bed().store().start();
    }
    await().atMost(LIMIT).until(() -> status(volume).state() == State.HEALTHY);
    await().atMost(LIMIT).until(() -> reads(backend().mountpoint(volume).resolve("x")));
    assertThat(status(volume).pid()).isEqualTo(pid);
    assertThat(status(volume).restarts()).isZero();
  }

  /** The operator replaces the key in the profile, and the old one is disabled. */
  @Test
  void replacedKeysAreFollowed() throws IOException {
    Volume volume = mounted("replaced");
    try {
      bed().store().takeOnly(OTHER_KEY);
      bed().store().writeProfile(OTHER_KEY);
      awaitFollowed(volume, "after");
    } finally {
      bed().store().takeOnly(S3Store.ACCESS_KEY);
      bed().store().writeProfile(S3Store.ACCESS_KEY);
    }
    awaitFollowed(volume, "back");
    backend().unmount(volume);
  }

  /** Nothing that a writer was told is done may be missing; the store itself is asked. */
  private void awaitFollowed(Volume volume, String name) {
    await()
        .atMost(LIMIT.multipliedBy(2))
        .ignoreExceptions()
        .until(
            () -> {
              Files.writeString(backend().mountpoint(volume).resolve(name), "new");
              backend().flush(volume);
              return bed().store().get(S3Store.BUCKET, volume.name() + "/" + name).equals("new");
            });
    await().atMost(LIMIT).until(() -> status(volume).state() == State.HEALTHY);
    assertThat(backend().mountpoint(volume).resolve("x")).hasContent("kept");
    assertThat(status(volume).restarts()).isZero();
  }

  @Test
  void aClientWhoseKeyIsDisabledIsNotWell() throws IOException {
    Volume volume = mounted("disabled");
    try {
      bed().store().takeOnly(OTHER_KEY);
      await().atMost(LIMIT).until(() -> isRefused(volume));
    } finally {
      bed().store().takeOnly(S3Store.ACCESS_KEY);
    }
    await().atMost(LIMIT).until(() -> status(volume).state() == State.HEALTHY);
    assertThat(status(volume).restarts()).isZero();
  }

  private boolean isRefused(Volume volume) {
    return status(volume).state() == State.ENDPOINT_DOWN
        && status(volume).lastError().filter(why -> why.contains("key")).isPresent();
  }

  /** As when the new key is not active yet, or was not typed well. */
  @Test
  void aClientKeepsAKeyThatWorksWhenTheNewOneDoesNot() throws IOException {
    Volume volume = mounted("early");
    long pid = status(volume).pid();
    try {
      bed().store().writeProfile(OTHER_KEY);
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  kind().asksForKeys()
                      || status(volume)
                          .lastError()
                          .filter(why -> why.contains("new ones"))
                          .isPresent());
      Files.writeString(backend().mountpoint(volume).resolve("y"), "new");
      backend().flush(volume);
      assertThat(bed().store().get(S3Store.BUCKET, "early/y")).isEqualTo("new");
      assertThat(status(volume).pid()).isEqualTo(pid);
      assertThat(status(volume).state()).isEqualTo(State.HEALTHY);
      restart();
      backend().resume(volume);
      bed().store().takeOnly(OTHER_KEY);
      awaitFollowed(volume, "late");
      assertThat(status(volume).pid()).isNotEqualTo(pid);
    } finally {
      bed().store().takeOnly(S3Store.ACCESS_KEY);
      bed().store().writeProfile(S3Store.ACCESS_KEY);
    }
    awaitFollowed(volume, "back");
  }

  @Test
  void aNewRunOfBerthTakesTheClientUp() throws IOException {
    Volume volume = mounted("adopted");
    long pid = status(volume).pid();
    restart();
    assertThat(backend().client(volume)).isEmpty();
    backend().resume(volume);
    assertThat(status(volume).pid()).isEqualTo(pid);
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    signal(volume, "KILL");
    await().atMost(LIMIT).until(() -> reads(backend().mountpoint(volume).resolve("x")));
    assertThat(status(volume).pid()).isNotEqualTo(pid);
  }

  @Test
  void aClientThatDiedWhileBerthWasAwayIsReplaced() throws IOException {
    Volume volume = mounted("orphan");
    Path directory = Files.createTempDirectory(bed().work(), "namespace");
    try (OtherNamespace other = new OtherNamespace(backend().mountpoint(volume), directory)) {
      long pid = status(volume).pid();
      backend().close();
      Run.of("kill", "-KILL", "" + pid).succeed();
      restart();
      backend().resume(volume);
      await().atMost(LIMIT).until(() -> reads(other.at("whole/x")));
      assertThat(reads(backend().mountpoint(volume).resolve("x"))).isTrue();
    }
  }

  /** The kernel gives the number of a filesystem that is gone to the next one. */
  @Test
  void aLivingFilesystemWithTheNumberOfAnOldOneIsLeftAlone() throws IOException {
    Volume volume = mounted("number");
    Volume other = mounted("reused");
    Observed before = backend().observe(other);
    Path record = recordAsReplaced(volume, other);
    backend().resume(volume);
    await("it was looked for mounts to replace")
        .atMost(LIMIT)
        .until(() -> status(volume).cacheBytes().isPresent());
    assertThat(backend().observe(other)).isEqualTo(before);
    assertThat(Files.readString(record)).contains("replaced=\n");
    assertThat(status(volume).lastError()).isEmpty();
  }

  /** Nor does it tell a dead one of a neighbour from one's own. */
  @Test
  void aDeadFilesystemWithTheNumberOfAnOldOneIsLeftAlone() throws IOException {
    Volume volume = mounted("thief");
    Volume other = mounted("victim");
    Path directory = Files.createTempDirectory(bed().work(), "namespace");
    try (OtherNamespace neighbour = new OtherNamespace(backend().mountpoint(other), directory)) {
      long pid = status(other).pid();
      recordAsReplaced(volume, other);
      Run.of("kill", "-KILL", "--", "-" + pid).succeed();
      String before = Traces.read(neighbour.mountinfo());
      backend().resume(volume);
      await("it was looked for mounts to replace")
          .atMost(LIMIT)
          .until(() -> status(volume).cacheBytes().isPresent());
      assertThat(Traces.read(neighbour.mountinfo())).isEqualTo(before);
      backend().resume(other);
      await().atMost(LIMIT).until(() -> reads(neighbour.at("whole/x")));
      Files.writeString(neighbour.at("whole/of-victim"), "mine");
      assertThat(backend().mountpoint(other).resolve("of-victim")).hasContent("mine");
      assertThat(backend().mountpoint(volume).resolve("of-victim")).doesNotExist();
    }
  }

  private Path record(Volume volume) {
    return bed().root().resolve("s3").resolve(volume.id().value()).resolve("client.properties");
  }

  private static void edit(Path record, String key, String value) throws IOException {
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(record)) {
      facts.load(reader);
    }
    assertThat(facts.setProperty(key, value)).isNotNull();
    try (Writer writer = Files.newBufferedWriter(record)) {
      facts.store(writer, null);
    }
  }

  /** Ends this run of Berth; the next one reads that {@code other}'s number was once its own. */
  private Path recordAsReplaced(Volume volume, Volume other) throws IOException {
    String number = ((Observed.Mounted) backend().observe(other)).deviceNumber();
    backend().close();
    edit(record(volume), "replaced", "%s=berth-%s.1 %s".formatted(number, volume.id(), number));
    restart();
    return record(volume);
  }

  /** What is gone cannot be in use, whoever has its number by now. */
  @Test
  void aVolumeWhoseMountIsGoneIsNotUsedByANeighbour() throws IOException {
    Volume volume = mounted("lost");
    Volume other = mounted("neighbour");
    String number = ((Observed.Mounted) backend().observe(other)).deviceNumber();
    backend().close();
    String text = Files.readString(record(volume));
    Run.of("umount", "-l", backend().mountpoint(volume).toString()).succeed();
    try {
      edit(record(volume), "device", number + nameOf(volume));
      assertThat(backend().observe(volume))
          .isInstanceOf(
              nameOf(volume).isEmpty() ? Observed.Attached.class : Observed.Detached.class);
    } finally {
      Files.writeString(record(volume), text);
      restart();
      backend().resume(volume);
      backend().resume(other);
    }
  }

  /** As in its record; mount-s3 gives all its filesystems one name. */
  private String nameOf(Volume volume) {
    return client().equals("mount-s3") ? "" : "=berth-%s.1".formatted(volume.id());
  }

  @Test
  void aRecordThatCannotBeReadIsNone() throws IOException {
    Volume volume = mounted("torn");
    Path directory = bed().root().resolve("s3").resolve(volume.id().value());
    backend().close();
    Files.writeString(
        directory.resolve("client.properties"), "client=" + client() + "\ngeneration=x");
    restart();
    backend().resume(volume);
    assertThat(backend().client(volume)).isEmpty();
    assertThat(directory).doesNotExist();
    assertThat(mount(volume).resolve("x")).hasContent("kept");
  }

  @Test
  void aVolumeInUseStaysMounted() throws IOException {
    Volume volume = mounted("busy");
    try (InputStream open = Files.newInputStream(backend().mountpoint(volume).resolve("x"))) {
      assertThatThrownBy(() -> backend().unmount(volume))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining("busy");
      assertThat(open.read()).isEqualTo('k');
    }
    assertThat(reads(backend().mountpoint(volume).resolve("x"))).isTrue();
  }

  @Test
  void aClientRunsInASessionAndAMemoryGroupOfItsOwn() throws IOException {
    Volume volume = mounted("apart");
    ProcessId id = ProcessId.of(status(volume).pid()).orElseThrow();
    String stat = Traces.read(Path.of("/proc/%d/stat".formatted(id.pid())));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    assertThat(fields[2]).isEqualTo("" + id.pid());
    assertThat(fields[3]).isEqualTo("" + id.pid());
    assertThat(Traces.read(Path.of("/proc/%d/cgroup".formatted(id.pid()))))
        .contains("/berth/" + volume.id());
  }
}
