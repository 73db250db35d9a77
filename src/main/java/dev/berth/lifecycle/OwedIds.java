package dev.berth.lifecycle;

import dev.berth.volume.MountId;
import dev.berth.volume.VolumeName;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Mount ids that an Unmount has come for and that are in the ledger still. Needs no lock. Lost with
 * the process.
 */
final class OwedIds {
  private final ConcurrentHashMap<VolumeName, Set<MountId>> ids = new ConcurrentHashMap<>();

  void add(VolumeName name, MountId id) {
    ids.merge(
        name,
        Set.of(id),
        (present, more) -> {
          Set<MountId> all = new HashSet<>(present);
          all.addAll(more);
          return Set.copyOf(all);
        });
  }

  Set<MountId> of(VolumeName name) {
    return ids.getOrDefault(name, Set.of());
  }

  /** They are in the ledger no more, or are wanted again. */
  void settle(VolumeName name, Set<MountId> settled) {
    ids.computeIfPresent(
        name,
        (key, present) -> {
          Set<MountId> left = new HashSet<>(present);
          left.removeAll(settled);
          return left.isEmpty() ? null : Set.copyOf(left);
        });
  }
}
