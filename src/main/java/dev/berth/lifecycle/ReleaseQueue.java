package dev.berth.lifecycle;

import dev.berth.lifecycle.ReleaseVolume.Outcome;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Tries releases when they are due. An attempt that finds the volume held, or fails, is repeated
 * after growing pauses, since a container's namespace may outlive its Unmount by a moment; what is
 * still held then is left to the {@link Sweeper}.
 */
@ApplicationScoped
public class ReleaseQueue {
  private static final Logger LOG = Logger.getLogger(ReleaseQueue.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LOCK_WAIT = Duration.ofSeconds(10);

  private final ReleaseVolume release;
  private final VolumeLocks locks;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("release-timer").factory());

  public ReleaseQueue(ReleaseVolume release, VolumeLocks locks, Clock clock) {
    this.release = release;
    this.locks = locks;
    this.clock = clock;
  }

  /**
   * Tries now, in this thread; what cannot be released yet is tried again later. The lock is not
   * held by the caller.
   */
  void tryNow(VolumeName name) {
    attempt(name, FIRST_PAUSE);
  }

  /** Tries after {@code delay}. */
  void tryAfter(VolumeName name, Duration delay) {
    schedule(name, delay, FIRST_PAUSE);
  }

  private void attempt(VolumeName name, Duration pause) {
    try {
      Progress progress = new Progress("release");
      switch (locks.with(name, progress, LOCK_WAIT, () -> release.tryRelease(name))) {
        case Outcome.Released released -> {}
        case Outcome.Lingering lingering ->
            schedule(name, Duration.between(clock.instant(), lingering.until()), FIRST_PAUSE);
        case Outcome.Held held -> {
          LOG.debugf("volume %s stays mounted: %s", name, held.why());
          retry(name, pause);
        }
      }
    } catch (VolumeException e) {
      LOG.debugf("volume %s: release put off: %s", name, e.getMessage());
      retry(name, pause);
    } catch (RuntimeException | Error e) {
      LOG.warnf(e, "volume %s: release put off", name);
      retry(name, pause);
    }
  }

  private void retry(VolumeName name, Duration pause) {
    if (pause.compareTo(LAST_PAUSE) <= 0) {
      schedule(name, pause, pause.multipliedBy(2));
    }
  }

  private void schedule(VolumeName name, Duration delay, Duration nextPause) {
    try {
      var _ =
          timer.schedule(
              () ->
                  Thread.ofVirtual().name("release " + name).start(() -> attempt(name, nextPause)),
              Math.max(delay.toMillis(), 1),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debugf("volume %s is not released: Berth stops", name);
    }
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
  }
}
