package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HealthProbeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Finding WELL = Finding.ok("disk", "it answers");

  private final AtomicLong now = new AtomicLong();

  @Test
  void allWhoAskMeanwhileGetWhatOneLookFinds() {
    AtomicInteger looks = new AtomicInteger();
    CountDownLatch asked = new CountDownLatch(1);
    HealthProbe probe =
        new HealthProbe(
            Map.of(
                "disk",
                () -> {
                  looks.incrementAndGet();
                  Async.await(asked);
                  return List.of(WELL);
                }),
            now::get);
    List<Future<List<Finding>>> callers =
        IntStream.range(0, 20).mapToObj(i -> Async.start(() -> probe.findings("disk"))).toList();
    asked.countDown();
    assertThat(callers).allSatisfy(one -> assertThat(Async.get(one, LIMIT)).hasSize(1));
    assertThat(looks).hasValue(1);
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(probe.findings("disk")).hasSize(1);
    assertThat(looks).hasValue(2);
  }

  @Test
  void aDiskThatDoesNotAnswerIsAnErrorAndHoldsOneThread() {
    AtomicInteger looks = new AtomicInteger();
    CountDownLatch answers = new CountDownLatch(1);
    HealthProbe probe =
        new HealthProbe(
            Map.of(
                "disk",
                () -> {
                  looks.incrementAndGet();
                  Async.await(answers);
                  return List.of(WELL);
                }),
            now::get);
    List<Future<List<Finding>>> callers =
        IntStream.range(0, 20).mapToObj(i -> Async.start(() -> probe.findings("disk"))).toList();
    assertThat(callers).allSatisfy(one -> assertError(Async.get(one, LIMIT)));
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertError(probe.findings("disk"));
    answers.countDown();
    assertThat(looks).hasValue(1);
  }

  @Test
  void aCheckThatThrowsIsAnError() {
    HealthProbe probe =
        new HealthProbe(
            Map.of(
                "disk",
                () -> {
                  throw new IllegalStateException("the fake fails");
                }),
            now::get);
    assertError(probe.findings("disk"));
  }

  private static void assertError(List<Finding> findings) {
    assertThat(findings)
        .singleElement()
        .extracting(Finding::severity)
        .isEqualTo(Finding.Severity.ERROR);
  }
}
