package dev.berth.backend;

import java.nio.file.Path;
import java.util.Optional;

/** What is really there of a volume, on this host, at the moment it was looked at. */
public sealed interface Observed {
  /** Nothing on this host: neither attached nor mounted. */
  record Detached() implements Observed {}

  /**
   * On this host, but not mounted where it should be.
   *
   * @param device empty if the filesystem is on no device of its own, as with FUSE
   * @param deviceNumber {@code major:minor}, as mountinfo prints it
   */
  record Attached(Optional<Path> device, String deviceNumber) implements Observed {}

  /**
   * Mounted.
   *
   * @param device empty if the filesystem is on no device of its own, as with FUSE
   * @param filesystemRoot where the filesystem is mounted; the mountpoint given to Docker may be a
   *     directory below it
   */
  record Mounted(Optional<Path> device, String deviceNumber, Path filesystemRoot, Health health)
      implements Observed {
    /** One that nothing is the matter with. */
    public Mounted(Optional<Path> device, String deviceNumber, Path filesystemRoot) {
      this(device, deviceNumber, filesystemRoot, new Health.Sound());
    }
  }

  /** What has become of a filesystem while it was mounted. What is said of it is for people. */
  sealed interface Health {
    /** Nothing. */
    record Sound() implements Health {}

    /** It works, but can lose data that it should not. */
    record AtRisk(String why) implements Health {}

    /** It works, but its data is lost when it is unmounted. */
    record Doomed(String why) implements Health {}

    /**
     * It does not work any more, and only unmounting and mounting it again can change that: it is
     * shut down, has become read-only by itself, or its device is gone.
     */
    record Failed(String why) implements Health {}
  }
}
