package dev.berth.lifecycle;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Mounted volumes that something slow is done with (a snapshot, say) and that must not be unmounted
 * until it ends.
 */
@ApplicationScoped
public class Pins {
  private final ConcurrentHashMap<VolumeName, Progress> pinned = new ConcurrentHashMap<>();

  /** What is done with the volume, if something is. */
  Optional<Progress> find(VolumeName name) {
    return Optional.ofNullable(pinned.get(name));
  }

  /** Refuses with {@link VolumeException.Busy} if the volume is pinned. */
  void refusePinned(VolumeName name) {
    find(name)
        .ifPresent(
            progress -> {
              throw new VolumeException.Busy(
                  "volume %s is busy (%s); try again".formatted(name, progress));
            });
  }

  void pin(VolumeName name, Progress progress) {
    refusePinned(name);
    pinned.put(name, progress);
  }

  void unpin(VolumeName name) {
    pinned.remove(name);
  }
}
