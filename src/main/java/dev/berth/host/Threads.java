package dev.berth.host;

/**
 * Threads of the system, for calls that may hang in the kernel: a virtual thread would keep one of
 * the carriers that all others run on.
 */
final class Threads {
  private Threads() {}

  /** Starts threads; tests have others that fail. */
  @FunctionalInterface
  interface Starter {
    void start(String name, Runnable work);
  }

  /**
   * Starts a daemon thread. If the system gives no more threads, {@link HostException.Io}: that is
   * undone and shown as all other failures are, not as one of the JVM.
   */
  static void start(String name, Runnable work) {
    try {
      Thread.ofPlatform().daemon().name(name).start(work);
    } catch (OutOfMemoryError e) {
      throw none(name, e);
    }
  }

  static HostException.Io none(String name, OutOfMemoryError e) {
    return new HostException.Io(
        "the system gives no more threads or processes ('%s'); look at the limits of Berth's service (TasksMax, pids.max)"
            .formatted(name),
        e);
  }
}
