package dev.berth.lifecycle;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Runs operations under their volume's lock and answers in time. Work that takes longer than its
 * caller can wait goes on without the caller; the same call repeated waits for the lock, and so
 * joins it.
 */
@ApplicationScoped
public class Operations {
  private static final Logger LOG = Logger.getLogger(Operations.class);
  private static final int MARGIN_PERCENT = 95;

  private final VolumeLocks locks;
  private final ThisHost host;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();

  private record Running(VolumeName volume, Progress progress) {
    @Override
    public String toString() {
      return "volume %s: %s".formatted(volume, progress);
    }
  }

  public Operations(VolumeLocks locks, ThisHost host) {
    this.locks = locks;
    this.host = host;
  }

  /** As {@link #run(VolumeName, String, Duration, Supplier, Consumer)}, with nothing to undo. */
  <T> T run(VolumeName volume, String what, Duration limit, Supplier<T> work) {
    return run(volume, what, limit, work, unwanted -> {});
  }

  /**
   * Runs {@code work} with the volume's lock held and returns its result.
   *
   * @param limit after which the caller gets {@link VolumeException.Busy}, while the work goes on
   * @param abandoned is given the result, still under the lock, if the caller had to be sent away
   *     before
   */
  <T> T run(
      VolumeName volume, String what, Duration limit, Supplier<T> work, Consumer<T> abandoned) {
    Progress progress = new Progress(what);
    AtomicBoolean settled = new AtomicBoolean();
    Duration wait = limit.multipliedBy(MARGIN_PERCENT).dividedBy(100);
    return start(
        volume,
        progress,
        limit,
        settled,
        () ->
            locks.with(
                volume,
                progress,
                wait,
                () -> {
                  T result = work.get();
                  if (!settled.compareAndSet(false, true)) {
                    LOG.infof("volume %s: %s, done after its caller had gone", volume, progress);
                    abandoned.accept(result);
                  }
                  return result;
                }));
  }

  /**
   * Runs {@code work}, which needs no lock.
   *
   * @param limit after which the caller gets {@link VolumeException.Busy}, while the work goes on
   */
  void runUnlocked(VolumeName volume, String what, Duration limit, Runnable work) {
    start(
        volume,
        new Progress(what),
        limit,
        new AtomicBoolean(),
        () -> {
          work.run();
          return true;
        });
  }

  private <T> T start(
      VolumeName volume,
      Progress progress,
      Duration limit,
      AtomicBoolean settled,
      Supplier<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Running started = new Running(volume, progress);
    running.add(started);
    Thread.ofVirtual()
        .name(progress.operation() + " " + volume)
        .start(
            () -> {
              try {
                T result = work.get();
                running.remove(started);
                answer.complete(result);
              } catch (RuntimeException | Error e) {
                if (settled.get()) {
                  LOG.warnf(e, "volume %s: %s failed after its caller had gone", volume, progress);
                }
                running.remove(started);
                answer.completeExceptionally(e);
              }
            });
    return await(volume, progress, limit, answer, settled);
  }

  /** How many operations run now, those included whose callers have gone. */
  public int running() {
    return running.size();
  }

  /** What runs now, for people: the volumes, with what is done to them and how far that is. */
  public List<String> descriptions() {
    return running.stream().map(Running::toString).sorted().toList();
  }

  private <T> T await(
      VolumeName volume,
      Progress progress,
      Duration limit,
      CompletableFuture<T> answer,
      AtomicBoolean settled) {
    try {
      try {
        return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!settled.compareAndSet(false, true)) {
          return answer.get();
        }
        throw new VolumeException.Busy(
            "volume %s on host %s: still in progress (%s); it goes on, and the same command again joins it"
                .formatted(volume, host.id(), progress));
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      settled.set(true);
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy(
          "volume %s: interrupted; the operation goes on".formatted(volume));
    }
  }
}
