package dev.berth.host;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Wakes those who wait for something in a directory to come or to go. All of them share one inotify
 * instance, of which a user has few. Where no events come, everybody looks twice a second.
 */
public final class DirectoryWatch {
  private static final Logger LOG = Logger.getLogger(DirectoryWatch.class);
  private static final Duration LOOK_ANYWAY = Duration.ofMillis(500);

  private final Path directory;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean started;
  private long changes;

  public DirectoryWatch(Path directory) {
    this.directory = directory;
  }

  /**
   * Waits until {@code condition} holds, which is looked at now and after each change; whether it
   * held before {@code limit} had passed is returned.
   */
  public boolean await(BooleanSupplier condition, Duration limit) {
    start();
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      long seen = changes();
      if (condition.getAsBoolean()) {
        return true;
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      awaitChangeAfter(seen, Math.min(left, LOOK_ANYWAY.toNanos()));
    }
  }

  private long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  private void awaitChangeAfter(long seen, long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (changes == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while waiting for a device", e);
    } finally {
      lock.unlock();
    }
  }

  private void start() {
    lock.lock();
    try {
      if (!started) {
        started = true;
        WatchService events = directory.getFileSystem().newWatchService();
        directory.register(events, ENTRY_CREATE, ENTRY_DELETE);
        Threads.start("watch " + directory, () -> follow(events));
      }
    } catch (IOException e) {
      LOG.warnf("%s cannot be watched and is looked at twice a second: %s", directory, e);
    } finally {
      lock.unlock();
    }
  }

  private void follow(WatchService events) {
    try {
      for (WatchKey key = events.take(); ; key = events.take()) {
        key.pollEvents();
        announce();
        if (!key.reset()) {
          LOG.warnf("%s is gone and is looked at twice a second", directory);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void announce() {
    lock.lock();
    try {
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
