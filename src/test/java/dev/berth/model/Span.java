package dev.berth.model;

import java.time.Duration;
import java.time.Instant;

/** From before something was begun until after it was over; it happened somewhere in between. */
record Span(Instant start, Instant end) {
  static final Span LONG_AGO = new Span(Instant.EPOCH, Instant.EPOCH);

  /** Whether it is certain that this was less than {@code time} before {@code later}. */
  boolean surelyWithin(Duration time, Span later) {
    return later.end.isBefore(start.plus(time));
  }

  /** Whether it is certain that this was more than {@code time} before {@code later}. */
  boolean surelyBefore(Duration time, Span later) {
    return later.start.isAfter(end.plus(time));
  }
}
