package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallTrackerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final CallTracker calls = new CallTracker(new SimpleMeterRegistry());
  private final AtomicInteger running = new AtomicInteger(1);

  @Test
  void workThatGoesOnWithoutItsCallerIsWaitedFor() {
    Future<Integer> left = Async.start(() -> left(LIMIT));
    Async.pause(Duration.ofMillis(200));
    running.decrementAndGet();
    assertThat(Async.get(left, LIMIT)).isZero();
  }

  @Test
  void workThatDoesNotEndIsWaitedForNoLongerThanTheLimit() {
    assertThat(Async.get(Async.start(() -> left(Duration.ofMillis(50))), LIMIT)).isEqualTo(1);
  }

  private int left(Duration limit) throws InterruptedException {
    calls.drain(limit, () -> running.get() == 0);
    return running.get();
  }
}
