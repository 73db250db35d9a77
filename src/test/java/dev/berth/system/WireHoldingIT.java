package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Connection;
import dev.berth.testing.Namespaces;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** When a volume is held and when it is let go, seen from the wire. */
@Rule({4, 5, 6, 7})
@RequiresSystem(engine = false)
class WireHoldingIT {
  /** Services of a system have no locale. */
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.berthOnly().with("LC_ALL", "C"));

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("41: Create of a mounted volume again changes nothing")
  void case41_createAgain() throws IOException {
    client.create("c41", Map.of("size", "64MiB")).orFail();
    client.mount("c41", "x").orFail();
    Path file = BED.data("c41").resolve("kept");
    Files.writeString(file, "precious");
    client.create("c41", Map.of("size", "64MiB")).orFail();
    assertThat(client.create("c41", Map.of("size", "96MiB")).failed().error())
        .contains("64MiB")
        .contains("96MiB");
    client.unmount("c41", "x").orFail();
    BED.awaitReleased("c41");
    client.mount("c41", "y").orFail();
    assertThat(Files.readString(file)).isEqualTo("precious");
    assertThat(BED.tools().runs("mkfs.ext4", "/c41.")).isEqualTo(1);
  }

  @Test
  @DisplayName("48: a caller that goes during Mount leaves nothing that stands in the way")
  void case48_callerGoesDuringMount() throws IOException {
    mountAndGo("c48");
    await().atMost(Duration.ofMinutes(1)).until(() -> client.remove("c48").error().isEmpty());
    assertThat(BED.volumeTraces()).isEmpty();
    assertThat(BED.images("c48")).isEmpty();
  }

  @Test
  @DisplayName("48: the next caller gets what the one that went had begun, and lets it go")
  void case48_nextCallerAfterOneThatWent() throws IOException {
    mountAndGo("c48b");
    client.mount("c48b", "later").orFail();
    assertThat(BED.tools().runs("mkfs.ext4", "/c48b.")).isEqualTo(1);
    client.unmount("c48b", "later").orFail();
    BED.awaitReleased("c48b");
  }

  private void mountAndGo(String volume) throws IOException {
    String part = "/" + volume + ".";
    client.create(volume, Map.of()).orFail();
    BED.tools().delayBefore("mkfs.ext4", part, Duration.ofSeconds(2));
    try (Connection connection = Connection.open(BED.berth().socket())) {
      connection.write(
          PluginClient.request(
              "VolumeDriver.Mount", PluginClient.json(Map.of("Name", volume, "ID", "gone"))));
      await().until(() -> BED.tools().hits("mkfs.ext4", part) == 1);
    }
    await().atMost(Duration.ofMinutes(1)).until(() -> BED.mounted(volume));
  }

  @Test
  @DisplayName("57: Mount of a mounted volume succeeds even if every tool fails")
  void case57_mountOfMountedCannotFail() {
    client.create("c57", Map.of()).orFail();
    String mountpoint = client.mount("c57", "x").orFail().mountpoint();
    for (String tool : List.of("losetup", "mount", "e2fsck", "mkfs.ext4")) {
      BED.tools().fail(tool, "");
    }
    assertThat(client.mount("c57", "x").orFail().mountpoint()).isEqualTo(mountpoint);
    assertThat(client.mount("c57", "y").orFail().mountpoint()).isEqualTo(mountpoint);
  }

  @Test
  @DisplayName("57: Mount of a mounted volume succeeds even if its file has another name now")
  void case57_mountOfMountedWhoseFileWasRenamed() throws IOException {
    client.create("c57b", Map.of()).orFail();
    String mountpoint = client.mount("c57b", "x").orFail().mountpoint();
    Path image = BED.images("c57b").getFirst();
    Path away = Files.move(image, image.resolveSibling("away"));
    try {
      assertThat(client.mount("c57b", "y").orFail().mountpoint()).isEqualTo(mountpoint);
    } finally {
      Files.move(away, image);
    }
  }

  @Test
  @DisplayName("58: Unmount of an unknown volume or id, or twice, succeeds")
  void case58_unmountOfUnknown() {
    client.unmount("c58-absent", "x").orFail();
    client.create("c58", Map.of()).orFail();
    client.unmount("c58", "x").orFail();
    client.mount("c58", "x").orFail();
    client.unmount("c58", "other").orFail();
    assertThat(BED.mounted("c58")).isTrue();
    client.unmount("c58", "x").orFail();
    client.unmount("c58", "x").orFail();
    BED.awaitReleased("c58");
  }

  @Test
  @DisplayName("59: Remove is refused while another mount namespace holds the filesystem")
  void case59_removeUnderAForeignNamespace() throws IOException {
    client.create("c59", Map.of()).orFail();
    client.mount("c59", "x").orFail();
    Files.writeString(BED.data("c59").resolve("kept"), "precious");
    ProcessHandle holder = Namespaces.holding(BED.data("c59"));
    try {
      client.unmount("c59", "x").orFail();
      client.remove("c59").failed();
      assertThat(client.get("c59").orFail().volume().path("Name").asText()).isEqualTo("c59");
      assertThat(BED.images("c59")).hasSize(1);
      assertThat(client.mount("c59", "y").orFail().mountpoint())
          .isEqualTo(BED.data("c59").toString());
      assertThat(Files.readString(BED.data("c59").resolve("kept"))).isEqualTo("precious");
      client.unmount("c59", "y").orFail();
    } finally {
      holder.destroyForcibly();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !holder.isAlive() && client.remove("c59").error().isEmpty());
    BED.awaitReleased("c59");
    assertThat(BED.images("c59")).isEmpty();
  }

  @Test
  @DisplayName("59: a foreign mount namespace may hold it at any path")
  void case59_anyPathInAForeignNamespace(@TempDir Path directory) throws IOException {
    Path place = Files.createDirectory(directory.resolve("a\rb \u00fc"));
    client.create("c59b", Map.of()).orFail();
    client.mount("c59b", "x").orFail();
    ProcessHandle holder = Namespaces.using(BED.data("c59b"), place, BED.root().resolve("mnt"));
    try {
      client.unmount("c59b", "x").orFail();
      assertThat(client.remove("c59b").failed().error()).contains("/a?b \u00fc");
    } finally {
      holder.destroyForcibly();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !holder.isAlive() && client.remove("c59b").error().isEmpty());
  }

  @Test
  @DisplayName("59: a process whose main thread has ended holds it still")
  void case59_mainThreadEnded(@TempDir Path place) throws IOException {
    client.create("c59c", Map.of()).orFail();
    client.mount("c59c", "x").orFail();
    ProcessHandle holder =
        Namespaces.usingHeadless(BED.data("c59c"), place, BED.root().resolve("mnt"));
    try {
      client.unmount("c59c", "x").orFail();
      assertThat(client.remove("c59c").failed().error()).contains("process " + holder.pid());
      assertThat(BED.mounted("c59c")).isTrue();
    } finally {
      holder.destroyForcibly();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !holder.isAlive() && client.remove("c59c").error().isEmpty());
  }

  @Test
  @DisplayName("60: a Remove that failed half-way is resumed by the next")
  void case60_removeResumes() {
    client.create("c60", Map.of()).orFail();
    client.mount("c60", "x").orFail();
    BED.tools().fail("losetup", "--detach");
    client.unmount("c60", "x");
    client.remove("c60").failed();
    assertThat(client.get("c60").orFail().volume().path("Name").asText()).isEqualTo("c60");
    assertThat(BED.images("c60")).as("deleted while it is attached").hasSize(1);
    BED.tools().clear();
    client.remove("c60").orFail();
    BED.awaitReleased("c60");
    assertThat(BED.images("c60")).isEmpty();
    client.get("c60").failed();
  }

  @Test
  @DisplayName("64: Mount's path is absolute, a mount, and of the volume's own device")
  void case64_mountpointIsOfTheRightDevice() throws IOException {
    client.create("c64", Map.of()).orFail();
    Path path = Path.of(client.mount("c64", "x").orFail().mountpoint());
    assertThat(path).isAbsolute().isDirectory().isEqualTo(BED.data("c64"));
    assertThat(BED.mounted("c64")).isTrue();
    String source = Run.of("findmnt", "-nro", "SOURCE", "-T", path.toString()).succeed().text();
    String file = new Traces(BED.root()).loopDevices().get(source.replaceAll("\\[.*", ""));
    assertThat(Path.of(file)).isEqualTo(BED.images("c64").getFirst());
  }

  @Test
  @DisplayName("64: Mount refuses a directory another filesystem is mounted on")
  void case64_mountRefusesAForeignMount() throws IOException {
    client.create("c64b", Map.of()).orFail();
    Path directory = Files.createDirectories(BED.mountpoint("c64b"));
    Run.of("mount", "-t", "tmpfs", "none", directory.toString()).succeed();
    try {
      client.mount("c64b", "x").failed();
    } finally {
      Run.of("umount", directory.toString()).run();
    }
    client.mount("c64b", "y").orFail();
  }

  @Test
  @DisplayName("46: while one Mount is slow, other calls answer and the same Mount joins")
  void case46_slowMountBlocksNothing() {
    client.create("c46", Map.of()).orFail();
    client.create("c46-other", Map.of()).orFail();
    BED.tools().hold("mkfs.ext4", "/c46.");
    Future<Reply> first = Async.start(() -> client.mount("c46", "a"));
    await().until(() -> BED.tools().hits("mkfs.ext4", "/c46.") == 1);
    Future<Reply> second = Async.start(() -> client.mount("c46", "b"));
    client.get("c46").orFail();
    client.names();
    client.create("c46-third", Map.of()).orFail();
    client.mount("c46-other", "x").orFail();
    assertThat(first.isDone() || second.isDone()).isFalse();
    BED.tools().clear("/c46.");
    Duration limit = Duration.ofSeconds(60);
    String path = Async.get(first, limit).orFail().mountpoint();
    assertThat(Async.get(second, limit).orFail().mountpoint()).isEqualTo(path);
    assertThat(BED.tools().runs("mkfs.ext4", "/c46.")).isEqualTo(1);
  }
}
