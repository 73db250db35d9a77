package dev.berth.bench;

import java.util.Arrays;
import java.util.Locale;

/** How long one thing took each time it was done, in nanoseconds. */
final class Samples {
  /** Nanoseconds. */
  static final double MILLI = 1e6;

  private static final double IN_MICROS_BELOW = 2 * MILLI;

  private final long[] sorted;

  private Samples(long[] sorted) {
    this.sorted = sorted;
  }

  static Samples of(long[]... parts) {
    return new Samples(Arrays.stream(parts).flatMapToLong(Arrays::stream).sorted().toArray());
  }

  double median() {
    return percentile(50);
  }

  double mean() {
    return Arrays.stream(sorted).average().orElseThrow();
  }

  /** The value that this many percent of the samples do not exceed. */
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  /** {@code 312 ms (p99 350 ms)}. */
  @Override
  public String toString() {
    return "%s (p99 %s)".formatted(time(median()), time(percentile(99)));
  }

  /** For people: {@code 143 µs}, {@code 4.1 ms}, {@code 312 ms}, {@code 18.2 s}. */
  static String time(double nanos) {
    double millis = nanos / MILLI;
    if (nanos < IN_MICROS_BELOW) {
      return "%.0f µs".formatted(nanos / 1e3);
    }
    if (millis >= 10_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }
    return String.format(Locale.ROOT, millis < 100 ? "%.1f ms" : "%.0f ms", millis);
  }
}
