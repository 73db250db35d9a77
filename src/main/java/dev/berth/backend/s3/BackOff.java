package dev.berth.backend.s3;

import java.time.Duration;
import java.time.InstantSource;

/** When something that goes on failing is to be tried again: at once, then after growing pauses. */
final class BackOff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private final Pause sinceLast;
  private Duration length = Duration.ZERO;

  BackOff(InstantSource clock) {
    sinceLast = new Pause(clock);
  }

  /** Whether the pause since the last try is over. */
  boolean due() {
    return sinceLast.over(length);
  }

  /** A try begins; the next one has to wait twice as long as this one had to. */
  void tried() {
    sinceLast.begin();
    length = length.isZero() ? FIRST : length.multipliedBy(2);
    if (length.compareTo(LONGEST) > 0) {
      length = LONGEST;
    }
  }

  /** All is well; after a minute of that the next try is at once again. */
  void well() {
    if (sinceLast.over(LONGEST)) {
      length = Duration.ZERO;
    }
  }
}
