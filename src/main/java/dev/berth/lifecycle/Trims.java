package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Trimmable;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Has the volumes that stay mounted give space back now and then: one at a time, piece by piece,
 * and only while nobody else does anything with the volume.
 */
@ApplicationScoped
public class Trims {
  private static final Logger LOG = Logger.getLogger(Trims.class);
  private static final Duration NO_WAIT = Duration.ZERO;
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final LocalView view;
  private final Backends backends;
  private final VolumeLocks locks;
  private final Pins pins;
  private final Clock clock;
  private final Duration interval;

  /** With which piece each begins that was not trimmed to its end. */
  private final ConcurrentHashMap<VolumeName, Integer> next = new ConcurrentHashMap<>();

  /** When each was trimmed last, or seen mounted first. */
  private final ConcurrentHashMap<VolumeName, Instant> since = new ConcurrentHashMap<>();

  public Trims(
      LocalView view,
      Backends backends,
      VolumeLocks locks,
      Pins pins,
      Clock clock,
      LifecycleConfig config) {
    this.view = view;
    this.backends = backends;
    this.locks = locks;
    this.pins = pins;
    this.clock = clock;
    interval = config.trimInterval();
  }

  /** Trims those whose turn it is. Never fails; one that is busy has its turn the next time. */
  void runDue() {
    since.keySet().removeIf(this::isNotMounted);
    next.keySet().removeIf(this::isNotMounted);
    for (VolumeStatus status : view.sorted()) {
      Volume volume = status.volume();
      if (status.mounted()
          && backends.has(volume.backend())
          && backends.require(volume.backend()) instanceof Trimmable trimmable
          && isDue(volume.name())) {
        trim(volume.name(), trimmable);
      }
    }
  }

  private boolean isNotMounted(VolumeName name) {
    return view.find(name).filter(VolumeStatus::mounted).isEmpty();
  }

  private boolean isDue(VolumeName name) {
    Instant now = clock.instant();
    Instant last = since.computeIfAbsent(name, key -> now);
    if (last.isAfter(now)) {
      since.put(name, now);
    }
    return !last.plus(interval).isAfter(now);
  }

  private void trim(VolumeName name, Trimmable trimmable) {
    int piece = next.getOrDefault(name, 0);
    try {
      while (step(name, trimmable, piece)) {
        piece++;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      next.remove(name);
      since.put(name, clock.instant());
    } catch (VolumeException.Busy e) {
      LOG.debugf("volume %s is not trimmed now: %s", name, e.getMessage());
      next.put(name, piece);
    } catch (RuntimeException e) {
      // A piece that takes too long must not keep those after it from their turn.
      LOG.debugf(e, "volume %s could not be trimmed", name);
      next.put(name, piece + 1);
      since.put(name, clock.instant());
    }
  }

  /** What is pinned may be frozen, and being copied. */
  private boolean step(VolumeName name, Trimmable trimmable, int piece) {
    return locks.with(
        name,
        new Progress("trim"),
        NO_WAIT,
        () -> {
          pins.refusePinned(name);
          return view.find(name)
              .filter(VolumeStatus::mounted)
              .filter(status -> trimmable.trim(status.volume(), piece))
              .isPresent();
        });
  }
}
