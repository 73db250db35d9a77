package dev.berth.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A wait that began at a time by the host's clock. One that seems to begin in the future began
 * before the clock was set back, nobody knows when, and counts as over: nothing waits for longer
 * than {@code length}.
 */
record Span(Instant from, Duration length) {
  /** When it ends; empty if it is over. */
  Optional<Instant> endAfter(Instant now) {
    Instant end = from.plus(length);
    return from.isAfter(now) || !now.isBefore(end) ? Optional.empty() : Optional.of(end);
  }
}
