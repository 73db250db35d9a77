package dev.berth.host;

import java.util.List;

/**
 * One line of a mountinfo file, see proc_pid_mountinfo(5).
 *
 * @param id of this mount in its namespace
 * @param parent the id of the mount it is mounted on
 * @param device the number of the filesystem's device; btrfs and FUSE have one that is no block
 *     device
 * @param root what of the filesystem is mounted: {@code /}, or the source of a bind mount
 * @param options of this mount, such as {@code ro}
 * @param source usually the path of the block device
 * @param superOptions of the filesystem, whichever mount of it this is: those it was mounted with,
 *     and what the kernel made of it since, such as {@code ro} or {@code shutdown}
 */
public record MountEntry(
    int id,
    int parent,
    DeviceNumber device,
    String root,
    MountPoint mountpoint,
    List<String> options,
    Propagation propagation,
    String type,
    String source,
    List<String> superOptions) {
  /** Reads one line. A line that is not of this form is an {@link IllegalArgumentException}. */
  public static MountEntry parse(String line) {
    String[] fields = line.split(" ", -1);
    int separator = List.of(fields).indexOf("-");
    if (separator < 6 || fields.length < separator + 3) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountEntry(
        Integer.parseInt(fields[0]),
        Integer.parseInt(fields[1]),
        DeviceNumber.parse(fields[2]),
        unescape(fields[3]),
        new MountPoint(unescape(fields[4])),
        List.of(fields[5].split(",")),
        Propagation.parse(List.of(fields).subList(6, separator)),
        fields[separator + 1],
        unescape(fields[separator + 2]),
        separator + 3 < fields.length ? List.of(fields[separator + 3].split(",")) : List.of());
  }

  /** The kernel writes space, tab, newline and backslash as a backslash and three octal digits. */
  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(field.charAt(i));
      }
    }
    return plain.toString();
  }
}
