package dev.berth.lifecycle;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One lock for each volume that something is being done with; a wait for it ends, at the latest,
 * with an error.
 */
@ApplicationScoped
public class VolumeLocks {
  private final ConcurrentHashMap<VolumeName, Entry> entries = new ConcurrentHashMap<>();

  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;
    private volatile @Nullable Progress holder;
  }

  /**
   * Runs {@code work} with the volume's lock held. If it is not free within {@code wait}: {@link
   * VolumeException.Busy}, which says what holds it and how far that is.
   */
  <T> T with(VolumeName volume, Progress progress, Duration wait, Supplier<T> work) {
    Entry entry = enter(volume);
    try {
      if (!entry.lock.tryLock(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new VolumeException.Busy(
            "volume %s is busy (%s); the same command again waits for it"
                .formatted(volume, entry.holder == null ? "another operation" : entry.holder));
      }
      try {
        entry.holder = progress;
        return progress.track(work::get);
      } finally {
        entry.holder = null;
        entry.lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy("interrupted while waiting for volume " + volume);
    } finally {
      leave(volume);
    }
  }

  /** How many volumes have a lock that is held or waited for. */
  int size() {
    return entries.size();
  }

  private Entry enter(VolumeName volume) {
    return entries.compute(
        volume,
        (name, present) -> {
          Entry entry = present == null ? new Entry() : present;
          entry.users++;
          return entry;
        });
  }

  private void leave(VolumeName volume) {
    entries.computeIfPresent(volume, (name, entry) -> --entry.users == 0 ? null : entry);
  }
}
