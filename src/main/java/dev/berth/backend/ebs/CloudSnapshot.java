package dev.berth.backend.ebs;

import java.time.Instant;
import java.util.SortedMap;

/**
 * A snapshot as EC2 describes it.
 *
 * @param state {@code pending}, {@code completed}, {@code error}, …
 * @param progress e.g. {@code 43%}
 * @param volume the id of the volume it was taken of
 */
record CloudSnapshot(
    String id,
    String state,
    String progress,
    String message,
    String volume,
    int sizeGiB,
    Instant started,
    SortedMap<String, String> tags) {
  static final String PENDING = "pending";
  static final String COMPLETED = "completed";

  /** Whether it holds, or will hold, what was copied. */
  boolean good() {
    return complete() || state.equals(PENDING);
  }

  /** Whether it needs its volume no more. */
  boolean complete() {
    return state.equals(COMPLETED);
  }
}
