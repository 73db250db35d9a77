package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresRoot
class ProcessMountsTest {
  @TempDir Path directory;

  /** Its own mountinfo shows no mount that is not below its root. */
  @Test
  void aProcessThatHasChangedItsRootHidesNoMount() throws IOException {
    Path jail = Files.createDirectories(directory.resolve("jail/bin"));
    Files.copy(Path.of("/bin/busybox"), jail.resolve("busybox"));
    Path mount = Files.createDirectory(directory.resolve("mount"));
    String script =
        "mount -t tmpfs volume %s && exec chroot %s /bin/busybox sleep 3600"
            .formatted(mount, jail.getParent());
    Process process =
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", script)
            .start();
    try {
      ProcessMounts mounts = new ProcessMounts(Path.of("/proc", "" + process.pid()));
      await()
          .until(
              () ->
                  Files.readSymbolicLink(mounts.directory().resolve("root"))
                      .equals(jail.getParent()));
      assertThat(mounts.mounts().orElseThrow().at(mount)).isEmpty();
      assertThat(mounts.allMounts().orElseThrow().at(mount).orElseThrow().source())
          .isEqualTo("volume");
    } finally {
      process.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  @Test
  void aProcessThatHasEndedHasNone() {
    assertThat(new ProcessMounts(Path.of("/proc/4194304")).allMounts()).isEmpty();
  }
}
