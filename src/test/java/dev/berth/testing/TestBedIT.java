package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A test that leaves what it should not leaves it to nobody. */
@RequiresSystem(engine = false)
class TestBedIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final TestBed bed = new TestBed(BedOptions.berthOnly().onItsOwnDisk());

  /** Its volume is still mounted, so that the disk is busy, and somebody has a file of it open. */
  @Test
  void aBusyMountIsToldAndStopsNothingOfTheEnd() throws IOException {
    bed.begin(TestBedIT.class.getSimpleName());
    Path work = bed.work();
    bed.client().create("left", Map.of()).orFail();
    Path data = Path.of(bed.client().mount("left", "x").orFail().mountpoint());
    Map<String, String> devices = new Traces(work).loopDevices();
    assertThat(devices).hasSize(2);
    try (FileChannel open =
        FileChannel.open(
            data.resolve("open"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      assertThatThrownBy(bed::end)
          .isInstanceOf(AssertionError.class)
          .hasMessageContainingAll("cannot unmount the disk", "left on the host")
          .satisfies(all -> assertThat(all.getSuppressed()).hasSize(2));
      assertThat(open.isOpen()).isTrue();
    }
    assertThat(bed.berth().isRunning()).isFalse();
    assertThat(bed.berth().socket()).doesNotExist();
    assertThat(work).doesNotExist();
    assertThat(new Traces(work).mounts()).isEmpty();
    await("devices are free")
        .atMost(LIMIT)
        .until(() -> devices.keySet().stream().noneMatch(this::ours));
  }

  /** By the names of the files: another test may have the device by now. */
  private boolean ours(String device) {
    Path shown = Path.of("/sys/block", device.substring("/dev/".length()), "loop/backing_file");
    String file = Files.exists(shown) ? Traces.read(shown) : "";
    return file.contains("/left.") || file.contains(bed.work().toString());
  }
}
