package dev.berth.backend.s3;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** When something that goes on failing is to be tried again: at once, then after growing pauses. */
final class BackOff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private final InstantSource clock;
  private Duration pause = Duration.ZERO;
  private Instant last = Instant.EPOCH;

  BackOff(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether the pause since the last try is over. */
  boolean due() {
    return !clock.instant().isBefore(last.plus(pause));
  }

  /** A try begins; the next one has to wait twice as long as this one had to. */
  void tried() {
    last = clock.instant();
    pause = pause.isZero() ? FIRST : pause.multipliedBy(2);
    if (pause.compareTo(LONGEST) > 0) {
      pause = LONGEST;
    }
  }

  /** All is well; after a minute of that the next try is at once again. */
  void well() {
    if (clock.instant().isAfter(last.plus(LONGEST))) {
      pause = Duration.ZERO;
    }
  }
}
