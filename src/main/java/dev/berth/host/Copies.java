package dev.berth.host;

import dev.berth.host.MountNamespaces.Namespace;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The mounts, in any namespace, that the kernel takes away together with one of this namespace. A
 * service of the system with a mount namespace of its own has such a copy of every mount.
 *
 * <p>An unmount is passed on by what the mount is mounted on, its parent: to the same place in each
 * mount that follows the parent. What the mount itself follows does not matter. A copy with another
 * mount on it or in it stays, and one that is in use makes the unmount fail. In doubt a mount is no
 * copy.
 *
 * @param origin what would be unmounted
 * @param place where that is in the parent's filesystem
 * @param groups whose members follow the parent
 */
record Copies(MountEntry origin, MountEntry parent, String place, Set<Integer> groups) {
  /** Empty if nothing goes together with what is mounted at {@code path} in this namespace. */
  static Optional<Copies> of(Path path, List<Namespace> namespaces) {
    for (Namespace namespace : namespaces) {
      if (namespace.ours()) {
        return namespace
            .mounts()
            .at(path)
            .flatMap(origin -> of(origin, namespace.mounts(), namespaces));
      }
    }
    return Optional.empty();
  }

  private static Optional<Copies> of(
      MountEntry origin, MountTable ours, List<Namespace> namespaces) {
    Optional<MountEntry> parent = ours.parentOf(origin);
    Optional<String> place = parent.flatMap(on -> place(origin, on));
    Optional<Integer> group = parent.flatMap(on -> on.propagation().peers());
    return place.isPresent() && group.isPresent()
        ? Optional.of(
            new Copies(origin, parent.get(), place.get(), followers(group.get(), namespaces)))
        : Optional.empty();
  }

  /** The group itself, and those with a member that follows one of them. */
  private static Set<Integer> followers(int group, List<Namespace> namespaces) {
    List<Propagation> all =
        namespaces.stream()
            .flatMap(namespace -> namespace.mounts().entries().stream())
            .map(MountEntry::propagation)
            .filter(propagation -> propagation.peers().isPresent())
            .distinct()
            .toList();
    Set<Integer> groups = new HashSet<>(Set.of(group));
    int known = 0;
    while (known < groups.size()) {
      known = groups.size();
      all.stream()
          .filter(propagation -> propagation.follows(groups))
          .forEach(propagation -> propagation.peers().ifPresent(groups::add));
    }
    return groups;
  }

  /** Whether {@code entry}, of the namespace whose mounts are given, is one of them. */
  boolean include(MountEntry entry, MountTable mounts) {
    Optional<MountEntry> on = mounts.parentOf(entry);
    return entry.device().equals(origin.device())
        && entry.root().equals(origin.root())
        && on.isPresent()
        && on.get().device().equals(parent.device())
        && on.get().propagation().follows(groups)
        && place(entry, on.get()).filter(place::equals).isPresent()
        && !mounts.isMountedOn(entry);
  }

  private static Optional<String> place(MountEntry entry, MountEntry on) {
    String root = on.root().equals("/") ? "" : on.root();
    return on.mountpoint().pathTo(entry.mountpoint()).map(root::concat);
  }
}
