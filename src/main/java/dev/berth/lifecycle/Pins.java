package dev.berth.lifecycle;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Mounted volumes that something slow is done with (a snapshot, say) and that must not be unmounted
 * until it ends.
 */
@ApplicationScoped
public class Pins {
  private final ConcurrentHashMap<VolumeName, Pin> pinned = new ConcurrentHashMap<>();

  private record Pin(Progress progress, CountDownLatch ended) {}

  /** What is done with the volume, if something is. */
  Optional<Progress> find(VolumeName name) {
    return Optional.ofNullable(pinned.get(name)).map(Pin::progress);
  }

  /** Returns when the volume is not pinned; {@link VolumeException.Busy} if it is for longer. */
  void awaitUnpinned(VolumeName name, Duration wait) {
    Pin pin = pinned.get(name);
    try {
      if (pin != null && !pin.ended.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        refusePinned(name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy("interrupted while waiting for volume " + name);
    }
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
    pinned.put(name, new Pin(progress, new CountDownLatch(1)));
  }

  void unpin(VolumeName name) {
    Optional.ofNullable(pinned.remove(name)).ifPresent(pin -> pin.ended.countDown());
  }
}
