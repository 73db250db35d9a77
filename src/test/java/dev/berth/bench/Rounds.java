package dev.berth.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets contestants take turns, A B C A B C, so that whatever disturbs the machine disturbs all of
 * them alike.
 */
record Rounds(int warmUp, int rounds) {
  /** One turn of a contestant: how long what it did took, in nanoseconds, each time it did it. */
  @FunctionalInterface
  interface Turn {
    long[] take();

    /** A turn in which one thing is done once, and then something that is not timed. */
    static Turn once(Runnable timed, Runnable after) {
      return () -> {
        long started = System.nanoTime();
        timed.run();
        long took = System.nanoTime() - started;
        after.run();
        return new long[] {took};
      };
    }
  }

  /** Runs all of them and returns the samples of each; those of the warm-up are left out. */
  Map<String, Samples> run(Map<String, Turn> contestants) {
    for (int i = 0; i < warmUp; i++) {
      contestants.values().forEach(Turn::take);
    }
    Map<String, List<long[]>> taken = new LinkedHashMap<>();
    for (int i = 0; i < rounds; i++) {
      contestants.forEach(
          (name, turn) -> taken.computeIfAbsent(name, key -> new ArrayList<>()).add(turn.take()));
    }
    Map<String, Samples> samples = new LinkedHashMap<>();
    taken.forEach((name, parts) -> samples.put(name, Samples.of(parts.toArray(long[][]::new))));
    return samples;
  }
}
