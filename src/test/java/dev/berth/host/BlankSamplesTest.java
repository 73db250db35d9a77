package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class BlankSamplesTest {
  private static final int PAGE = 4096;

  /** Direct reads have to begin and end at whole pages. */
  @Property(tries = 200)
  void ofADeviceOfWholePagesAllAreWholePages(
      @ForAll @LongRange(min = 1, max = 1L << 30) long pages) {
    assertThat(BlankSamples.of(pages * PAGE))
        .allSatisfy(
            region -> {
              assertThat(region.offset() % PAGE).isZero();
              assertThat(region.length() % PAGE).isZero();
              assertThat(region.offset() + region.length()).isLessThanOrEqualTo(pages * PAGE);
            });
  }

  @Property(tries = 200)
  void theFirstAndTheLastByteAreAmongThem(@ForAll @LongRange(min = 1, max = 1L << 42) long size) {
    assertThat(BlankSamples.of(size))
        .anyMatch(region -> region.offset() == 0)
        .anyMatch(region -> region.offset() + region.length() == size);
  }

  /** Upwards, the kernel would read ahead in the file behind a loop device. */
  @Property(tries = 200)
  void eachIsBeforeTheOneThatWasReadBefore(@ForAll @LongRange(min = 1, max = 1L << 42) long size) {
    assertThat(BlankSamples.of(size))
        .isSortedAccordingTo(Comparator.comparingLong(ZeroScan.Region::offset).reversed());
  }
}
