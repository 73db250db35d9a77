package dev.berth.volume;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTest {
  private static final Duration PAUSE = Duration.ofMillis(1);

  @Test
  void workThatFailsIsDoneAgain() {
    AtomicInteger runs = new AtomicInteger();
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      Periodic.start(
          timer,
          PAUSE,
          PAUSE,
          () -> {
            switch (runs.incrementAndGet()) {
              case 1 -> throw new OutOfMemoryError("unable to create native thread");
              case 2 -> throw new IllegalStateException("failed");
              default -> {}
            }
          });
      await().atMost(Duration.ofMinutes(1)).until(() -> runs.get() > 2);
      timer.shutdownNow();
    }
  }
}
