package dev.berth.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * What last went wrong with a volume; gone when the next operation on it succeeds.
 *
 * @param lasts whether another mount of what is mounted already does not end it
 */
public record Trouble(String message, Instant at, boolean lasts) {
  static Trouble of(Throwable cause, Instant at) {
    String message = Optional.ofNullable(cause.getMessage()).orElseGet(cause::toString);
    return new Trouble(message, at, false);
  }
}
