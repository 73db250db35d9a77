package dev.berth.backend.ebs.ec2;

import java.time.Duration;

/** Pauses between looks, each half as long again as the one before. */
public final class Backoff {
  private final Duration max;
  private Duration next;

  /**
   * @param first the first pause
   * @param max what no pause is longer than
   */
  public Backoff(Duration first, Duration max) {
    this.max = max;
    next = first;
  }

  /** Sleeps until the next look is due, or until the deadline. */
  public void pause(Deadline deadline) {
    deadline.pause(next);
    Duration longer = next.multipliedBy(3).dividedBy(2);
    next = longer.compareTo(max) < 0 ? longer : max;
  }
}
