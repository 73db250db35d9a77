package dev.berth.ec2sim.device;

import java.util.Optional;

/** The bytes of volumes and snapshots, and the devices that show them to instances. */
public interface Devices extends AutoCloseable {
  /** How a device went away. */
  enum Unplugged {
    GONE,
    /** It is still there: mounted, or open. Ask again. */
    BUSY,
    /**
     * The instance had it mounted or open, and keeps a device that no longer reaches the volume.
     */
    TORN
  }

  /** What there will be of the volume {@code id} on this host has {@code name} in its own name. */
  void name(String id, String name);

  /** Makes the empty bytes of a volume. */
  void create(String id, long bytes);

  /** Makes the bytes of {@code target}, those of {@code source} and zeros to {@code bytes}. */
  void copy(String source, String target, long bytes);

  /** Forgets the bytes of a volume or snapshot; nothing if there are none. */
  void delete(String id);

  /** Grows a volume, and its device if there is one. */
  void grow(String volumeId, long bytes);

  /**
   * Shows a volume to an instance; nothing if it is shown. Throws if that cannot be done.
   *
   * @param xenName what a Xen disk is called; empty for an NVMe disk
   */
  void plug(String instanceId, String volumeId, Optional<String> xenName);

  /** Takes a volume away from its instance; it is gone if it was never shown. */
  Unplugged unplug(String volumeId, boolean force);

  /** Takes all devices away, whoever uses them. */
  @Override
  void close();
}
