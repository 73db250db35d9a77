package dev.berth.backend.s3;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The time since something was done last, by the host's clock. What seems to have been done in the
 * future was done before the clock was set back, nobody knows when, and counts as long ago: nothing
 * waits for longer than it was to.
 */
final class Pause {
  private final InstantSource clock;
  private Instant began = Instant.EPOCH;

  Pause(InstantSource clock) {
    this.clock = clock;
  }

  void begin() {
    began = clock.instant();
  }

  /** Whether it has been that long; so it has if it never began. */
  boolean over(Duration length) {
    Instant now = clock.instant();
    return began.isAfter(now) || !now.isBefore(began.plus(length));
  }
}
