package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a container writes to an s3 volume cannot fill the host's disk. */
@Rule(17)
@RequiresSystem
class CacheLimitIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine()
              .onItsOwnDisk()
              .in(STORE)
              .with("BERTH_DEFAULTS_SIZE", "16MiB")
              .with("BERTH_RESERVE", "8MiB")
              .with("BERTH_SWEEP_INTERVAL", "1s"));

  private static final long MIB = 1 << 20;

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  private static long free() throws IOException {
    return Files.getFileStore(BED.root()).getUsableSpace();
  }

  @Test
  @DisplayName("A file that is larger than rclone's cache: the writer gets an error, nobody else")
  void anOpenFile() throws IOException {
    containers.create("large", "backend=s3", "client=rclone", "cacheSize=10MiB");
    containers.start("writer", "large");
    Output written =
        engine.tryDocker(
            "exec", "writer", "sh", "-c", "dd if=/dev/zero of=/m/f bs=1M count=400 conv=fsync");
    assertThat(free()).isGreaterThan(60 * MIB);
    assertThat(written.succeeded()).isFalse();
    assertThat(written.err()).containsAnyOf("No space left", "I/O error", "Input/output error");
    containers.create("neighbour");
    containers.run("neighbour", "echo works > /m/x");
    containers.exec("writer", "rm -f /m/f; echo works > /m/small && cat /m/small");
    containers.remove("writer");
    BED.awaitReleased("large");
    assertThat(STORE.get(S3Store.BUCKET, "large/small")).isEqualTo("works\n");
    engine.docker("volume", "rm", "large");
  }

  @Test
  @DisplayName("What was sent makes room: more than the cache takes can be written, file by file")
  void manyFiles() throws IOException {
    containers.create("many", "backend=s3", "client=rclone", "cacheSize=10MiB");
    containers.run(
        "many",
        "for i in $(seq 100 139); do until dd if=/dev/zero of=/m/$i bs=1M count=8; do sleep 1; done; done");
    assertThat(free()).isGreaterThan(60 * MIB);
    BED.awaitReleased("many");
    assertThat(STORE.keys(S3Store.BUCKET)).contains("many/100", "many/139");
    engine.docker("volume", "rm", "many");
  }

  @Test
  @DisplayName("Files that cannot be sent yet: the same, and those that had room are sent later")
  void unsentFiles() throws IOException {
    containers.create("unsent", "backend=s3", "client=rclone", "cacheSize=10MiB");
    containers.start("writer", "unsent");
    containers.exec("writer", "ls /m");
    STORE.stop();
    try {
      Output written =
          engine.tryDocker(
              "exec",
              "writer",
              "sh",
              "-c",
              "for i in $(seq 100 400); do dd if=/dev/zero of=/m/$i bs=1M count=1 || exit 1; done");
      assertThat(free()).isGreaterThan(60 * MIB);
      assertThat(written.succeeded()).isFalse();
    } finally {
      STORE.start();
    }
    containers.remove("writer");
    BED.awaitReleased("unsent");
    assertThat(STORE.keys(S3Store.BUCKET)).contains("unsent/100", "unsent/105");
    engine.docker("volume", "rm", "unsent");
  }

  @Test
  @DisplayName("Temporary files of s3fs: what has no room there is sent while it is written")
  void temporaryFiles() throws IOException {
    containers.create("temporary", "backend=s3", "client=s3fs");
    containers.start("writer", "temporary");
    engine.tryDocker("exec", "writer", "sh", "-c", "dd if=/dev/zero of=/m/f bs=1M count=400");
    assertThat(free()).isGreaterThan(8 * MIB);
    containers.create("neighbour");
    containers.run("neighbour", "echo works > /m/x");
    containers.remove("writer");
    BED.awaitReleased("temporary");
    engine.docker("volume", "rm", "temporary");
  }
}
