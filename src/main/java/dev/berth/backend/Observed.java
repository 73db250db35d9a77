package dev.berth.backend;

import java.nio.file.Path;

/** What is really there of a volume, on this host, at the moment it was looked at. */
public sealed interface Observed {
  /** Nothing on this host: neither attached nor mounted. */
  record Detached() implements Observed {}

  /**
   * On this host, but not mounted where it should be.
   *
   * @param deviceNumber {@code major:minor}, as mountinfo prints it
   */
  record Attached(Path device, String deviceNumber) implements Observed {}

  /**
   * Mounted.
   *
   * @param filesystemRoot where the filesystem is mounted; the mountpoint given to Docker may be a
   *     directory below it
   */
  record Mounted(Path device, String deviceNumber, Path filesystemRoot) implements Observed {}
}
