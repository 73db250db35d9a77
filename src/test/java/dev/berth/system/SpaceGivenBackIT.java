package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of loop volumes become smaller again. */
@RequiresSystem(engine = false)
class SpaceGivenBackIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .with("BERTH_DEFAULTS_SIZE", "1GiB")
              .with("BERTH_SWEEP_INTERVAL", "500ms")
              .with("BERTH_TRIM_INTERVAL", "1s"));

  private static final long MIB = 1 << 20;

  /** Than the 300 MiB that are written; the log of an xfs alone has 64 MiB. */
  private static final long MUCH_LESS = 120 * MIB;

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void ofAVolumeThatStaysMounted(String type) {
    String volume = "mounted-" + type;
    Path file = write(volume, Map.of("fsType", type));
    Run.of("rm", file.toString()).succeed();
    await("space given back").until(() -> allocated(volume) < MUCH_LESS);
    assertThat(BED.mounted(volume)).isTrue();
    BED.client().unmount(volume, "x").orFail();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void atTheReleaseOfOneThatIsNotMountedForLong(String type) {
    String volume = "released-" + type;
    Path file = write(volume, Map.of("fsType", type));
    Run.of("rm", file.toString()).succeed();
    BED.client().unmount(volume, "x").orFail();
    BED.awaitReleased(volume);
    assertThat(allocated(volume)).isLessThan(MUCH_LESS);
  }

  @Test
  void notOfOneThatIsToKeepIt() {
    Path file = write("keeping", Map.of("discard", "false"));
    write("other", Map.of());
    Run.of("rm", file.toString(), BED.data("other").resolve("large").toString()).succeed();
    await("the other's turn").until(() -> allocated("other") < MUCH_LESS);
    BED.client().unmount("keeping", "x").orFail();
    BED.awaitReleased("keeping");
    assertThat(allocated("keeping")).isGreaterThanOrEqualTo(300 * MIB);
    BED.client().unmount("other", "x").orFail();
  }

  private static Path write(String volume, Map<String, String> options) {
    BED.client().create(volume, options).orFail();
    Path file = Path.of(BED.client().mount(volume, "x").orFail().mountpoint()).resolve("large");
    Run.of("dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=300", "conv=fsync").succeed();
    assertThat(allocated(volume)).isGreaterThan(300 * MIB);
    return file;
  }

  private static long allocated(String volume) {
    String image = BED.images(volume).getFirst().toString();
    return Long.parseLong(Run.of("stat", "--format=%b", image).succeed().text()) * 512;
  }
}
