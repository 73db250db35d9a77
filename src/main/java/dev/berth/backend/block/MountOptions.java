package dev.berth.backend.block;

import dev.berth.volume.FilesystemType;
import dev.berth.volume.Shown;
import dev.berth.volume.VolumeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Options for mount(8) that a user may give: those that change how a filesystem behaves, and none
 * that could reach another file of the host or undo what Berth relies on ({@code loop}, {@code
 * bind}, {@code helper=}, {@code norecovery}, …).
 */
public record MountOptions(List<String> values) {
  public static final MountOptions NONE = new MountOptions(List.of());
  private static final String READ_ONLY = "ro";
  private static final String ON_ERRORS = "errors=";

  /** Of each group, the filesystem has one. */
  private static final List<List<String>> ALTERNATIVES =
      List.of(
          List.of("ro", "rw"),
          List.of("sync", "async"),
          List.of("relatime", "norelatime", "strictatime", "atime", "noatime"),
          List.of("inode32", "inode64"),
          List.of("ssd", "nossd", "ssd_spread", "nossd_spread"));

  private static final Pattern GENERIC =
      Pattern.compile(
          "ro|rw|noatime|atime|nodiratime|diratime|relatime|norelatime|strictatime|lazytime|nolazytime|nosuid|suid"
              + "|nodev|noexec|exec|sync|async|dirsync|discard|nodiscard|iversion|noiversion");
  private static final Map<FilesystemType, Pattern> SPECIFIC =
      Map.of(
          FilesystemType.EXT4,
          Pattern.compile(
              "data=(ordered|journal|writeback)|commit=\\d{1,5}|errors=(remount-ro|panic)|barrier=[01]|(no)?barrier"
                  + "|(no)?auto_da_alloc|(no)?delalloc|journal_async_commit|journal_checksum|stripe=\\d{1,6}"
                  + "|(no)?user_xattr|(no)?acl|dioread_(no)?lock|max_batch_time=\\d{1,7}|min_batch_time=\\d{1,7}"
                  + "|inode_readahead_blks=\\d{1,6}|init_itable=\\d{1,5}|noinit_itable"),
          FilesystemType.XFS,
          Pattern.compile(
              "logbufs=[2-8]|logbsize=\\d{1,3}k?|inode(32|64)|(no)?largeio|allocsize=\\d{1,7}[kKmM]?|swalloc"
                  + "|sunit=\\d{1,7}|swidth=\\d{1,7}|wsync|filestreams"),
          FilesystemType.BTRFS,
          Pattern.compile(
              "compress(-force)?=(zlib|lzo|zstd|no|none)(:\\d{1,2})?|compress|(no)?autodefrag|(no)?ssd(_spread)?"
                  + "|space_cache=v2|commit=\\d{1,5}|(no)?datacow|(no)?datasum|max_inline=\\d{1,6}[kK]?"
                  + "|thread_pool=\\d{1,3}|(no)?flushoncommit|discard=(async|sync)|metadata_ratio=\\d{1,3}"));

  public MountOptions {
    values = List.copyOf(values);
  }

  /**
   * Reads a comma-separated list; an option that is on no list of any filesystem is {@link
   * VolumeException.Invalid}.
   */
  public static MountOptions parse(String text) {
    List<String> values =
        Arrays.stream(text.split(","))
            .map(String::strip)
            .filter(value -> !value.isEmpty())
            .toList();
    for (String value : values) {
      if (!isKnown(value)) {
        throw new VolumeException.Invalid(
            "the mount option '%s' is not one that a volume may have".formatted(Shown.of(value)));
      }
    }
    return new MountOptions(values);
  }

  /** Refuses, as {@link VolumeException.Invalid}, options that {@code type} does not have. */
  public void checkFor(FilesystemType type) {
    for (String value : values) {
      if (!allows(type, value)) {
        throw new VolumeException.Invalid(
            "the mount option '%s' does not belong to %s".formatted(value, type.kernelName()));
      }
    }
  }

  /**
   * Refuses, as {@link VolumeException.Invalid}, that the host panics when the filesystem finds
   * damage: a container can bring that about, and the host has other volumes. Volumes of before may
   * have the option; see {@link #given}.
   */
  public void refusePanic() {
    if (values.contains(ON_ERRORS + "panic")) {
      throw new VolumeException.Invalid(
          "the mount option 'errors=panic' would let one damaged volume stop the whole host; leave it out: a damaged ext4 becomes read-only");
    }
  }

  /**
   * Refuses, as {@link VolumeException.Invalid}, two options of which the second undoes the first,
   * such as {@code ro,rw} or {@code commit=5,commit=30}: mount(8) would take the last without a
   * word.
   */
  void refuseContradictions() {
    Map<String, String> bySubject = new HashMap<>();
    for (String value : values) {
      String other = bySubject.putIfAbsent(subject(value), value);
      if (other != null && !other.equals(value)) {
        throw new VolumeException.Invalid(
            "the mount options '%s' and '%s' contradict each other; give one of them"
                .formatted(other, value));
      }
    }
  }

  /** What the option is about: {@code barrier}, {@code nobarrier} and {@code barrier=1} are one. */
  private static String subject(String value) {
    String name = value.split("=", 2)[0];
    return ALTERNATIVES.stream()
        .filter(group -> group.contains(name))
        .findFirst()
        .map(List::getFirst)
        .orElseGet(
            () -> name.startsWith("no") && isKnown(name.substring(2)) ? name.substring(2) : name);
  }

  private static boolean isKnown(String value) {
    return Arrays.stream(FilesystemType.values()).anyMatch(type -> allows(type, value));
  }

  /**
   * What {@code mount} is given for a filesystem of that type. No volume has device nodes: Docker
   * makes those of a container elsewhere. A damaged ext4 becomes read-only, whatever was asked for
   * and whatever its superblock says.
   */
  List<String> given(FilesystemType type) {
    List<String> given = new ArrayList<>(values);
    given.removeIf(value -> value.startsWith(ON_ERRORS));
    given.add("nodev");
    switch (type) {
      case EXT4 -> given.add(ON_ERRORS + "remount-ro");
      case XFS -> given.add("nouuid");
      case BTRFS -> {}
    }
    return List.copyOf(given);
  }

  public boolean readOnly() {
    return values.contains(READ_ONLY);
  }

  private static boolean allows(FilesystemType type, String value) {
    Pattern specific = SPECIFIC.get(type);
    return GENERIC.matcher(value).matches()
        || (specific != null && specific.matcher(value).matches());
  }

  @Override
  public String toString() {
    return String.join(",", values);
  }
}
