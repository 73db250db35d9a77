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
  record Mounted(Optional<Path> device, String deviceNumber, Path filesystemRoot)
      implements Observed {}
}
