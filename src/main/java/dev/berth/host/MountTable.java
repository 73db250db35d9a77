package dev.berth.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The mounts one process sees, read from the kernel at each call. */
public final class MountTable {
  private static final Pattern LINE_END = Pattern.compile("\n");

  private final List<MountEntry> entries;

  private MountTable(List<MountEntry> entries) {
    this.entries = entries;
  }

  /** What this process sees. */
  public static MountTable own() {
    try {
      return read(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      throw new HostException.Io("cannot read the mount table", e);
    }
  }

  /**
   * What the process sees whose mountinfo file this is. A carriage return in a path is written
   * there as it is, and ends no line.
   */
  static MountTable read(Path mountinfo) throws IOException {
    return parse(new String(Files.readAllBytes(mountinfo), StandardCharsets.ISO_8859_1));
  }

  /** The same from its text. */
  static MountTable parse(String text) {
    return new MountTable(
        LINE_END
            .splitAsStream(text)
            .filter(line -> !line.isEmpty())
            .map(MountEntry::parse)
            .toList());
  }

  /** The uppermost mount at exactly {@code mountpoint}. */
  public Optional<MountEntry> at(Path mountpoint) {
    return entries.reversed().stream()
        .filter(entry -> entry.mountpoint().is(mountpoint))
        .findFirst();
  }

  /** The mount with this id. */
  Optional<MountEntry> find(long id) {
    return entries.stream().filter(entry -> entry.id() == id).findFirst();
  }

  /**
   * The mount that the process meets at {@code path}, which may be a mountpoint, any file in the
   * mount, or missing there. The way to it is followed as the kernel follows it: what lies under
   * another mount is not met. Links are not followed.
   */
  public Optional<MountEntry> covering(Path path) {
    Set<Integer> known = entries.stream().map(MountEntry::id).collect(Collectors.toSet());
    Optional<MountEntry> met =
        first(path, entry -> entry.parent() == entry.id() || !known.contains(entry.parent()));
    for (int steps = 0; met.isPresent() && steps < entries.size(); steps++) {
      MountEntry on = met.get();
      Optional<MountEntry> next =
          first(path, entry -> entry.parent() == on.id() && entry.id() != on.id());
      if (next.isEmpty()) {
        return met;
      }
      met = next;
    }
    return met;
  }

  /** Of those that {@code path} leads through, the one it comes to first. */
  private Optional<MountEntry> first(Path path, Predicate<MountEntry> which) {
    return entries.stream()
        .filter(which)
        .filter(entry -> entry.mountpoint().contains(path))
        .min(Comparator.comparingInt(entry -> entry.mountpoint().bytes().length()));
  }

  /** What {@code entry} is mounted on, unless the process cannot see it. */
  Optional<MountEntry> parentOf(MountEntry entry) {
    return entries.stream().filter(other -> other.id() == entry.parent()).findFirst();
  }

  /** Whether another mount is on {@code entry} or in it. */
  boolean isMountedOn(MountEntry entry) {
    return entries.stream().anyMatch(other -> other.parent() == entry.id());
  }

  /** All mounts of the filesystem on the block device at {@code device}, bind mounts included. */
  public List<MountEntry> of(Path device) {
    DeviceNumber number = DeviceNumber.ofBlockDevice(device);
    return entries.stream().filter(entry -> isOf(entry, device, number)).toList();
  }

  private static boolean isOf(MountEntry entry, Path device, DeviceNumber number) {
    return entry.device().equals(number) || entry.source().equals(device.toString());
  }

  public List<MountEntry> entries() {
    return entries;
  }
}
