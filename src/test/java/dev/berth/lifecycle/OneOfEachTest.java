package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OneOfEachTest {
  private final OneOfEach each = new OneOfEach();

  @Test
  void whatHasNotEndedIsNotStartedAgainAndHoldsNothingElseUp() {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch other = new CountDownLatch(1);
    assertThat(each.start("a", () -> Async.await(end))).isTrue();
    assertThat(each.start("a", () -> {})).isFalse();
    assertThat(each.start("b", other::countDown)).isTrue();
    Async.await(other);
    end.countDown();
    await().atMost(Duration.ofSeconds(60)).until(() -> each.start("a", () -> {}));
  }
}
