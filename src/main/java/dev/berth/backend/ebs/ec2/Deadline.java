package dev.berth.backend.ebs.ec2;

import dev.berth.volume.VolumeException;
import java.time.Duration;

/** By when an operation has to be over; after it nothing is tried again. */
public record Deadline(long nanos) {
  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** Zero once it has passed. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  public boolean passed() {
    return left().isZero();
  }

  /** Whichever comes first. */
  public Deadline orIn(Duration duration) {
    return left().compareTo(duration) < 0 ? this : in(duration);
  }

  /** Sleeps, but not past the deadline. */
  public void pause(Duration duration) {
    try {
      Thread.sleep(left().compareTo(duration) < 0 ? left() : duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy("interrupted while waiting for EC2");
    }
  }
}
