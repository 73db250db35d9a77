package dev.berth.host;

import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A look at something that takes long or much memory, and of which one goes on at a time. Whoever
 * asks while it does shares the next one with all others that wait: what a caller gets is never
 * older than its question.
 */
final class OneAtATime<T> {
  private final Supplier<T> look;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile FutureTask<T> next;

  OneAtATime(Supplier<T> look) {
    this.look = look;
    this.next = new FutureTask<>(look::get);
  }

  /** What a look that began after this call saw, or what it threw. */
  T get() {
    FutureTask<T> shared = next;
    looking.lock();
    try {
      if (!shared.isDone()) {
        // Whoever asks from now on is too late for this one.
        next = new FutureTask<>(look::get);
        shared.run();
      }
    } finally {
      looking.unlock();
    }
    return result(shared);
  }

  private static <T> T result(FutureTask<T> done) {
    if (done.state() == Future.State.SUCCESS) {
      return done.resultNow();
    }
    switch (done.exceptionNow()) {
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      default -> throw new IllegalStateException(done.exceptionNow());
    }
  }
}
