package dev.berth.backend.ebs.ec2;

import java.time.Instant;
import java.util.SortedMap;

/**
 * A snapshot as EC2 describes it.
 *
 * @param progress e.g. {@code 43%}
 * @param volume the id of the volume it was taken of
 */
public record CloudSnapshot(
    String id,
    State state,
    String progress,
    String message,
    String volume,
    int sizeGiB,
    Instant started,
    SortedMap<String, String> tags) {
  /** How far it is. {@link #UNKNOWN} is what EC2 may say one day. */
  public enum State {
    PENDING,
    COMPLETED,
    ERROR,
    RECOVERABLE,
    RECOVERING,
    UNKNOWN;

    /** EC2's own word. */
    @Override
    public String toString() {
      return Ec2Word.of(this);
    }
  }

  /** Whether it holds, or will hold, what was copied. */
  public boolean good() {
    return complete() || pending();
  }

  /** Whether it needs its volume no more. */
  public boolean complete() {
    return state == State.COMPLETED;
  }

  public boolean pending() {
    return state == State.PENDING;
  }
}
