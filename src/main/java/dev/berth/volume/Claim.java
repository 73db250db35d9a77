package dev.berth.volume;

import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * "This host holds this volume", with the mount ids it has seen and no Unmount for.
 *
 * @param bootId the boot of the host in which it was written; after another boot nothing of it is
 *     mounted any more
 * @param mountIds each with the engine epoch in which it came, see {@link #liveIds}
 * @param touched when the last Mount or Unmount came, from which the linger counts
 * @param revision grows by one with every change
 */
public record Claim(
    VolumeName volume,
    HostId host,
    String bootId,
    SortedMap<MountId, Long> mountIds,
    Instant touched,
    long revision) {

  public Claim {
    mountIds = Collections.unmodifiableSortedMap(new TreeMap<>(mountIds));
  }

  public static Claim empty(VolumeName volume, HostId host, String bootId, Instant now) {
    return new Claim(volume, host, bootId, new TreeMap<>(), now, 0);
  }

  public Claim with(MountId id, long epoch, Instant now) {
    SortedMap<MountId, Long> next = new TreeMap<>(mountIds);
    next.put(id, epoch);
    return new Claim(volume, host, bootId, next, now, revision);
  }

  public Claim without(Set<MountId> ids, Instant now) {
    SortedMap<MountId, Long> next = new TreeMap<>(mountIds);
    next.keySet().removeAll(ids);
    return new Claim(volume, host, bootId, next, now, revision);
  }

  public Claim withoutIds(Instant now) {
    return new Claim(volume, host, bootId, new TreeMap<>(), now, revision);
  }

  public Claim withRevision(long next) {
    return new Claim(volume, host, bootId, mountIds, touched, next);
  }

  /**
   * How many ids came from an engine that still lives: those of {@code epoch}, if the host has not
   * booted since.
   */
  public long liveIds(String currentBootId, long epoch) {
    return bootId.equals(currentBootId)
        ? mountIds.values().stream().filter(seen -> seen >= epoch).count()
        : 0;
  }
}
