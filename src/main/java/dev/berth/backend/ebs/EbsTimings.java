package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.Backoff;
import java.time.Duration;

/**
 * How long things may take, and how often they are looked at.
 *
 * @param longLimit for a create or an attachment, within the engine's two minutes
 * @param shortLimit for anything else, within its one minute
 * @param firstLook after a volume was asked for; few are available earlier
 * @param look between two looks at first; each is half as long again as the one before
 * @param longestLook at most
 * @param gather how long a description that is asked for waits for others
 * @param apart how far two descriptions of one kind are apart
 * @param unseen how long a new volume or snapshot may be missing from EC2's descriptions
 * @param deviceLook how long a device is waited for before EC2 is asked about it
 * @param stuck after which an attachment that is still being made is undone
 * @param holder how long another instance is given to let a volume go
 * @param absent how long an instance must be unknown to EC2 to count as gone
 * @param badName how long a device name is avoided after it did not work
 */
record EbsTimings(
    Duration longLimit,
    Duration shortLimit,
    Duration firstLook,
    Duration look,
    Duration longestLook,
    Duration gather,
    Duration apart,
    Duration unseen,
    Duration deviceLook,
    Duration stuck,
    Duration holder,
    Duration absent,
    Duration badName) {

  static final EbsTimings USUAL =
      new EbsTimings(
          Duration.ofSeconds(105),
          Duration.ofSeconds(45),
          Duration.ofMillis(1250),
          Duration.ofMillis(500),
          Duration.ofSeconds(4),
          Duration.ofMillis(10),
          Duration.ofMillis(200),
          Duration.ofSeconds(20),
          Duration.ofSeconds(6),
          Duration.ofSeconds(90),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofHours(1));

  /** An emulated cloud has nothing to wait for. */
  EbsTimings withoutFirstLook() {
    return new EbsTimings(
        longLimit,
        shortLimit,
        Duration.ZERO,
        look,
        longestLook,
        gather,
        apart,
        unseen,
        deviceLook,
        stuck,
        holder,
        absent,
        badName);
  }

  /** A device that is waited for longer than that would hide that its attachment is stuck. */
  EbsTimings withStuck(Duration time) {
    return new EbsTimings(
        longLimit,
        shortLimit,
        firstLook,
        look,
        longestLook,
        gather,
        apart,
        unseen,
        deviceLook.compareTo(time) < 0 ? deviceLook : time,
        time,
        holder,
        absent,
        badName);
  }

  Backoff backoff() {
    return new Backoff(look, longestLook);
  }
}
