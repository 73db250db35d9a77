package dev.berth.ec2sim;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * All there is in the region, behind one lock. Whatever changes it, a call or the passing of time,
 * holds the lock.
 */
final class World {
  private static final long STEP_NANOS = 10_000_000;

  final Settings settings = new Settings();
  final SimulatedClock clock = new SimulatedClock();
  final Store<Volume> volumes = new Store<>(clock);
  final Store<Instance> instances = new Store<>(clock);
  final Store<Snapshot> snapshots = new Store<>(clock);
  final Store<Modification> modifications = new Store<>(clock);
  final History history = new History(clock);
  final String region;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean over;

  World(String region) {
    this.region = region;
  }

  Instant now() {
    return clock.instant();
  }

  <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  void locked(Runnable work) {
    locked(
        () -> {
          work.run();
          return true;
        });
  }

  /**
   * Does {@code work}, with the lock, once the delay is over. A delay that is set meanwhile counts
   * from the beginning: a test that gave a long one, to look at what is so until its end, ends it
   * by giving a short one.
   */
  void later(Delay delay, Runnable work) {
    aside(delay, () -> locked(work));
  }

  /** The same without the lock. */
  void aside(Delay delay, Runnable work) {
    aside(() -> settings.of(delay), work);
  }

  /** Does {@code work}, without the lock, after {@code wait}. */
  void aside(Duration wait, Runnable work) {
    aside(() -> wait, work);
  }

  private void aside(Supplier<Duration> wait, Runnable work) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                if (pause(wait) && !over) {
                  work.run();
                }
              } catch (RuntimeException | AssertionError e) {
                // Its devices may be gone by now.
                if (!over) {
                  throw e;
                }
              }
            });
  }

  private static boolean pause(Supplier<Duration> wait) {
    long started = System.nanoTime();
    try {
      long left = wait.get().toNanos();
      while (left > 0) {
        Thread.sleep(Duration.ofNanos(Math.min(left, STEP_NANOS)));
        left = wait.get().toNanos() - (System.nanoTime() - started);
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Nothing that is still to come will happen. */
  void end() {
    over = true;
  }

  /** An id as the service makes them: the prefix and 17 hexadecimal digits. */
  static String newId(String prefix) {
    return String.format(Locale.ROOT, "%s-0%016x", prefix, ThreadLocalRandom.current().nextLong());
  }
}
