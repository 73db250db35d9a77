package dev.berth.bench;

import dev.berth.testing.Async;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;

/** Clients that each send the same request again as soon as it was answered. */
record Load(Path socket, ByteBuffer request, int clients, int callsOfEach) implements Rounds.Turn {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public long[] take() {
    List<FutureTask<long[]>> running = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      FutureTask<long[]> task = new FutureTask<>(this::calls);
      Thread.ofPlatform().daemon().start(task);
      running.add(task);
    }
    return running.stream()
        .map(task -> Async.get(task, LIMIT))
        .flatMapToLong(Arrays::stream)
        .toArray();
  }

  private long[] calls() throws IOException {
    long[] took = new long[callsOfEach];
    try (KeptOpen connection = new KeptOpen(socket)) {
      for (int i = 0; i < callsOfEach; i++) {
        long started = System.nanoTime();
        connection.call(request);
        took[i] = System.nanoTime() - started;
      }
    }
    return took;
  }
}
