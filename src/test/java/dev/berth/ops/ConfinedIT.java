package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BerthProcess;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.Output;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Berth with less than it needs: it says so, and does nothing by guess. */
@RequiresSystem(engine = false)
class ConfinedIT {
  private static final Duration END = Duration.ofSeconds(60);

  private Path work;
  private BerthProcess berth;

  @BeforeEach
  void prepare() throws IOException {
    work = Files.createTempDirectory("berth-it-");
    Path log = Path.of("target/system-test-logs/ConfinedIT/berth.log").toAbsolutePath();
    Files.deleteIfExists(log);
    berth =
        new BerthProcess(
            work.resolve("root"),
            work.resolve("berth.sock"),
            log,
            Map.of("BERTH_LINGER", "0s", "BERTH_DEFAULTS_SIZE", "64MiB"));
  }

  @AfterEach
  void end() {
    if (berth.isRunning()) {
      berth.killWithChildren();
    }
    try {
      new LeftoverCheck(work).failIfAny();
    } finally {
      new LeftoverCheck(work).cleanUp();
      Run.of("umount", "--lazy", work.resolve("root").toString()).run();
      Run.of("rm", "-rf", "--one-file-system", "--", work.toString()).succeed();
    }
  }

  @Test
  void inAPidNamespaceOfItsOwnItMountsNothingForAnEngineThatItDoesNotSee() {
    berth.through("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    berth.start();
    PluginClient client = berth.client();
    client.create("unseen", Map.of()).orFail();
    assertThat(client.mount("unseen", "x").failed().error())
        .contains("does not see the processes of the Docker engine")
        .contains("--pid=host");
    assertThat(new Traces(work.resolve("root/loop")).loopDevices()).isEmpty();
    assertThat(work.resolve("root/mnt/unseen")).doesNotExist();
    Output doctor = berth.command("doctor").run();
    assertThat(doctor.status()).isEqualTo(4);
    assertThat(doctor.out()).containsPattern("processes +error .*--pid=host");
    client.remove("unseen").orFail();
  }

  @Test
  void withoutTheRightToMountItDoesNotStart() {
    berth.through("setpriv", "--bounding-set=-sys_admin");
    berth.launch();
    berth.awaitEnd(END);
    assertThat(berth.exitStatus()).isNotZero();
    assertThat(berth.lastWords())
        .contains("lacks CAP_SYS_ADMIN")
        .contains("--cap-add=SYS_ADMIN")
        .contains("CapabilityBoundingSet=");
  }

  @Test
  void onAFilesystemThatAProcessServesItDoesNotStart() throws IOException {
    Path root = Files.createDirectory(work.resolve("root"));
    Path behind = Files.createDirectory(work.resolve("behind"));
    Run.of(
            "rclone",
            "mount",
            "--daemon",
            "--vfs-cache-mode=writes",
            behind.toString(),
            root.toString())
        .with(Map.of("RCLONE_CACHE_DIR", work.resolve("cache").toString()))
        .succeed();
    try {
      berth.launch();
      berth.awaitEnd(END);
      assertThat(berth.exitStatus()).isNotZero();
      assertThat(berth.lastWords())
          .contains(root + " is on fuse.rclone, a network filesystem")
          .contains("Set berth.root");
      assertThat(behind).isEmptyDirectory();
    } finally {
      Run.of("umount", root.toString()).succeed();
    }
  }
}
