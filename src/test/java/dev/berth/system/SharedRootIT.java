package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Namespaces;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Berth's directory is on a shared mount, as everything is on a host with systemd: what it mounts
 * appears in other mount namespaces.
 */
@RequiresSystem(engine = false)
class SharedRootIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.berthOnly().with("BERTH_LINGER", "1s"));

  private final PluginClient client = BED.client();

  @BeforeAll
  static void share() {
    String root = BED.root().toString();
    Run.of("mount", "--bind", root, root).succeed();
    Run.of("mount", "--make-shared", root).succeed();
  }

  @AfterAll
  static void unshare() {
    Run.of("umount", "--lazy", BED.root().toString()).succeed();
  }

  @Test
  @DisplayName("A service with a mount namespace of its own holds no volume")
  void aServiceHoldsNothing() throws IOException {
    mounted("service");
    ProcessHandle before = Namespaces.following(BED.work());
    try {
      assertThat(sees(before, "/mnt/service")).isTrue();
      client.unmount("service", "x").orFail();
      BED.awaitReleased("service");
      assertThat(sees(before, "/mnt/service")).isFalse();
      client.mount("service", "y").orFail();
      assertThat(sees(before, "/mnt/service")).isTrue();
      client.unmount("service", "y").orFail();
      client.remove("service").orFail();
      assertThat(BED.images("service")).isEmpty();
      assertThat(sees(before, "/mnt/service")).isFalse();
    } finally {
      end(before);
    }
  }

  @Test
  @DisplayName("A container that sees the host's files holds no volume")
  void aContainerOfTheHostHoldsNothing(@TempDir Path place) throws IOException {
    ProcessHandle monitor = Namespaces.followingWith("--rbind", BED.root() + "", place + "");
    try {
      mounted("monitored");
      assertThat(sees(monitor, place + "/mnt/monitored")).isTrue();
      client.unmount("monitored", "x").orFail();
      BED.awaitReleased("monitored");
      assertThat(sees(monitor, "/mnt/monitored")).isFalse();
      client.remove("monitored").orFail();
    } finally {
      end(monitor);
    }
  }

  @Test
  @DisplayName("A container's own mount of a volume holds it, whatever its propagation")
  void aContainersMountHolds(@TempDir Path directory) throws IOException {
    Path data = mounted("used");
    for (String type : List.of("private", "slave", "shared")) {
      Path place = Files.createDirectory(directory.resolve(type));
      ProcessHandle container =
          Namespaces.followingWith("--make-" + type, "--bind", data + "", place + "");
      try {
        client.unmount("used", "x").orFail();
        assertThat(client.remove("used").failed().error()).contains(place + "");
        assertThat(BED.mounted("used")).isTrue();
        assertThat(Files.readString(inside(container, place).resolve("kept")))
            .isEqualTo("precious");
        client.mount("used", "x").orFail();
      } finally {
        end(container);
      }
    }
    client.unmount("used", "x").orFail();
    BED.awaitReleased("used");
  }

  @Test
  @DisplayName("A service that works in a volume holds it until it ends")
  void aServiceInTheVolumeHolds() throws IOException {
    ProcessHandle service = Namespaces.following(mounted("busy"));
    try {
      client.unmount("busy", "x").orFail();
      assertThat(client.remove("busy").failed().error()).contains("busy");
      assertThat(BED.mounted("busy")).isTrue();
    } finally {
      end(service);
    }
    BED.awaitReleased("busy");
  }

  private Path mounted(String volume) throws IOException {
    client.create(volume, Map.of()).orFail();
    client.mount(volume, "x").orFail();
    Files.writeString(BED.data(volume).resolve("kept"), "precious");
    return BED.data(volume);
  }

  private static boolean sees(ProcessHandle process, String mountpoint) {
    return Traces.read(Path.of("/proc", process.pid() + "", "mountinfo"))
        .contains(mountpoint + " ");
  }

  private static Path inside(ProcessHandle process, Path path) {
    return Path.of("/proc", process.pid() + "", "root" + path);
  }

  private static void end(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
