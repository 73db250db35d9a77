package dev.berth.lifecycle;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Work that comes again and again, each in a thread of its own: what takes longer than the time to
 * its next turn does not pile up.
 */
final class OneOfEach {
  private final Set<String> running = ConcurrentHashMap.newKeySet();

  /**
   * Starts {@code work}, and says so; unless work of this name has not ended yet.
   *
   * @param name that of its thread, too
   */
  boolean start(String name, Runnable work) {
    if (!running.add(name)) {
      return false;
    }
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              try {
                work.run();
              } finally {
                running.remove(name);
              }
            });
    return true;
  }
}
