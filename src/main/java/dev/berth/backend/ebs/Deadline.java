package dev.berth.backend.ebs;

import dev.berth.volume.VolumeException;
import java.time.Duration;

/** By when an operation has to be over; after it nothing is tried again. */
record Deadline(long nanos) {
  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** Zero once it has passed. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  boolean passed() {
    return left().isZero();
  }

  /** Whichever comes first. */
  Deadline orIn(Duration duration) {
    return left().compareTo(duration) < 0 ? this : in(duration);
  }

  /** Sleeps, but not past the deadline. */
  void pause(Duration duration) {
    try {
      Thread.sleep(left().compareTo(duration) < 0 ? left() : duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy("interrupted while waiting for EC2");
    }
  }
}
