package dev.berth.backend.ebs.device;

import dev.berth.host.BlockDevice;
import java.time.Duration;
import java.util.Optional;

/** What attached volumes are on this host. None of it asks EC2; failures are host errors. */
public interface EbsDevices {
  /**
   * A volume as its device is looked for.
   *
   * @param name what it was attached as, if that is known
   */
  record Disk(String volume, Optional<String> name, int sizeGiB) {}

  /** The device of an attached volume, if it is there. Milliseconds. */
  Optional<BlockDevice> find(String volume, Optional<String> name);

  /**
   * Waits for the device of a volume that EC2 attaches; empty if it has not come by {@code limit}.
   */
  Optional<BlockDevice> await(Disk disk, Duration limit);

  /** Proves that {@code device} is the volume's. */
  void prove(BlockDevice device, Disk disk);

  /** Before EC2 is asked to detach it: what holds the device on this host lets go of it. */
  void release(BlockDevice device);

  /** Waits until the device is gone; whether it is by {@code limit} is returned. */
  boolean awaitGone(String volume, Optional<String> name, Duration limit);

  /** Waits until the device is that large; whether it is by {@code limit} is returned. */
  boolean awaitSize(Disk disk, Duration limit);

  /** EC2 has made {@code copy}, a volume or a snapshot, of {@code original}. */
  void copied(String original, String copy);

  /** EC2 has deleted it, volume or snapshot. */
  void deleted(String id);
}
