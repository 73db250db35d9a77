package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OneAtATimeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CALLERS = 20;

  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void whoAsksDuringALookSharesTheNextOne() {
    CountDownLatch first = new CountDownLatch(1);
    AtomicInteger underWay = new AtomicInteger();
    OneAtATime<Integer> shared =
        new OneAtATime<>(
            () -> {
              assertThat(underWay.incrementAndGet()).isEqualTo(1);
              int look = looks.incrementAndGet();
              if (look == 1) {
                Async.await(first);
              }
              underWay.decrementAndGet();
              return look;
            });
    Future<Integer> early = Async.start(shared::get);
    await().atMost(LIMIT).until(() -> looks.get() == 1);
    AtomicInteger asked = new AtomicInteger();
    List<Future<Integer>> late =
        Stream.generate(
                () ->
                    Async.start(
                        () -> {
                          asked.incrementAndGet();
                          return shared.get();
                        }))
            .limit(CALLERS)
            .toList();
    await().atMost(LIMIT).until(() -> asked.get() == CALLERS);
    first.countDown();
    assertThat(Async.get(early, LIMIT)).isEqualTo(1);
    assertThat(late)
        .allSatisfy(caller -> assertThat(Async.get(caller, LIMIT)).isGreaterThanOrEqualTo(2));
    assertThat(looks.get()).isLessThan(CALLERS);
  }

  @Test
  void everyQuestionGetsANewLook() {
    OneAtATime<Integer> shared = new OneAtATime<>(looks::incrementAndGet);
    assertThat(List.of(shared.get(), shared.get(), shared.get())).containsExactly(1, 2, 3);
  }

  @Test
  void aLookThatFailsIsNotTheLast() {
    OneAtATime<Integer> shared =
        new OneAtATime<>(
            () -> {
              if (looks.incrementAndGet() == 1) {
                throw new HostException.Unexpected("cannot look");
              }
              return looks.get();
            });
    assertThatThrownBy(shared::get)
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessage("cannot look");
    assertThat(shared.get()).isEqualTo(2);
  }
}
