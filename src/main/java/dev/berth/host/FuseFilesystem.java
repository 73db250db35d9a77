package dev.berth.host;

import java.util.Optional;

/**
 * A FUSE filesystem, as mount tables show it. The kernel gives the device number of a filesystem
 * that is gone to the next one, so the number alone proves nothing unless the filesystem is known
 * to be mounted somewhere.
 *
 * @param device its number
 * @param source the name its client gave it, if that is its own; empty: the client gives all its
 *     filesystems one name
 */
public record FuseFilesystem(DeviceNumber device, Optional<String> source) {
  private static final String TYPE = "fuse";
  private static final char SEPARATOR = '=';

  /** What {@code entry} is a mount of, whose client was told to call it {@code name}. */
  public static FuseFilesystem of(MountEntry entry, String name) {
    return new FuseFilesystem(entry.device(), Optional.of(entry.source()).filter(name::equals));
  }

  /** Whether this is a FUSE filesystem, whosever. */
  public static boolean isFuse(MountEntry entry) {
    return entry.type().startsWith(TYPE);
  }

  /**
   * Whether {@code entry} is a mount of it. Without a source of its own, that is certain only while
   * it is known to be mounted.
   */
  public boolean isMountedAs(MountEntry entry) {
    return isFuse(entry)
        && entry.device().equals(device)
        && source.filter(name -> !name.equals(entry.source())).isEmpty();
  }

  /** Reads what {@link #toString} wrote; anything else is an {@link IllegalArgumentException}. */
  public static FuseFilesystem parse(String text) {
    int end = text.indexOf(SEPARATOR);
    return end < 0
        ? new FuseFilesystem(DeviceNumber.parse(text), Optional.empty())
        : new FuseFilesystem(
            DeviceNumber.parse(text.substring(0, end)), Optional.of(text.substring(end + 1)));
  }

  @Override
  public String toString() {
    return device + source.map(name -> SEPARATOR + name).orElse("");
  }
}
