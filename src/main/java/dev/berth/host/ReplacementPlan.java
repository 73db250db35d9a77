package dev.berth.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which mounts of one namespace another filesystem is to take the place of.
 *
 * @param places all of them mounts of the old filesystem
 * @param refused one text for each mount of it that has to stay as it is
 */
record ReplacementPlan(List<MountEntry> places, List<String> refused) {
  private static final Set<String> NO_NAMES = Set.of("", ".", "..");

  ReplacementPlan {
    places = List.copyOf(places);
    refused = List.copyOf(refused);
  }

  /**
   * Of the namespace whose mounts are given.
   *
   * @param pinned whether {@code old} is mounted somewhere until all is done, so that its number is
   *     its own
   * @param madeByRoot whether nobody but root can have given a filesystem there its name
   */
  static ReplacementPlan of(
      MountTable mounts, FuseFilesystem old, boolean pinned, boolean madeByRoot) {
    boolean certain = pinned || (old.source().isPresent() && madeByRoot);
    List<MountEntry> places = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (MountEntry entry : mounts.entries()) {
      if (certain && old.isMountedAs(entry)) {
        if (mounts.isMountedOn(entry)) {
          refused.add(entry.mountpoint() + ": another mount is on it or in it");
        } else if (!isPlain(entry.root())) {
          refused.add(entry.mountpoint() + ": the directory of the volume it shows was deleted");
        } else {
          places.add(entry);
        }
      }
    }
    return new ReplacementPlan(places, refused);
  }

  /** The kernel marks what was deleted with a path that no file can have. */
  private static boolean isPlain(String root) {
    return root.equals("/")
        || (root.startsWith("/")
            && List.of(root.substring(1).split("/", -1)).stream().noneMatch(NO_NAMES::contains));
  }
}
