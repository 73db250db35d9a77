package dev.berth.backend.ebs.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Async;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestCoalescerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Long enough for all that are ready to ask, whatever else the machine does. */
  private static final Duration GATHER = Duration.ofSeconds(5);

  private final List<Set<Integer>> asked = new CopyOnWriteArrayList<>();

  private RequestCoalescer<Integer, String> batch(int most) {
    return new RequestCoalescer<>(
        "DescribeNumbers",
        (keys, deadline) -> {
          asked.add(new TreeSet<>(keys));
          return keys.stream()
              .filter(key -> key >= 0)
              .collect(Collectors.toMap(key -> key, key -> "number " + key));
        },
        most,
        GATHER,
        Duration.ZERO);
  }

  private List<Optional<String>> askAtOnce(
      RequestCoalescer<Integer, String> batch, List<Integer> keys) {
    CountDownLatch ready = new CountDownLatch(keys.size());
    List<Future<Optional<String>>> answers = new ArrayList<>();
    for (int key : keys) {
      answers.add(
          Async.start(
              () -> {
                ready.countDown();
                ready.await();
                return batch.ask(key, Deadline.in(LIMIT));
              }));
    }
    return answers.stream().map(answer -> Async.get(answer, LIMIT)).toList();
  }

  @Test
  void questionsThatComeTogetherAreOneCall() {
    List<Integer> keys = IntStream.range(0, 50).boxed().toList();
    assertThat(askAtOnce(batch(500), keys))
        .containsExactlyElementsOf(keys.stream().map(key -> Optional.of("number " + key)).toList());
    assertThat(asked).containsExactly(new TreeSet<>(keys));
  }

  @Test
  void theSameQuestionIsAskedOnce() {
    assertThat(askAtOnce(batch(500), List.of(7, 7, 7)))
        .containsOnly(Optional.of("number 7"))
        .hasSize(3);
    assertThat(asked).containsExactly(Set.of(7));
  }

  @Test
  void aCallHasAtMostSoManyQuestions() {
    askAtOnce(batch(4), IntStream.range(0, 10).boxed().toList());
    assertThat(asked).hasSize(3).allMatch(keys -> keys.size() <= 4);
  }

  @Test
  void whatIsNotThereDoesNotFailTheOthers() {
    assertThat(askAtOnce(batch(500), List.of(1, -1)))
        .containsExactly(Optional.of("number 1"), Optional.empty());
  }

  @Test
  void anAnswerIsNeverOlderThanItsQuestion() {
    RequestCoalescer<Integer, String> batch = batch(500);
    batch.ask(1, Deadline.in(LIMIT));
    batch.ask(1, Deadline.in(LIMIT));
    assertThat(asked).hasSize(2);
  }

  @Test
  void aFailedCallFailsThoseItWasForAndNoLaterOne() {
    AtomicBoolean fails = new AtomicBoolean(true);
    RequestCoalescer<Integer, String> batch =
        new RequestCoalescer<>(
            "DescribeNumbers",
            (keys, deadline) -> {
              if (fails.get()) {
                throw new CloudException(
                    Outcome.DENIED, "DescribeNumbers", "AuthFailure", "no", null);
              }
              return Map.of(1, "one");
            },
            10,
            Duration.ZERO,
            Duration.ZERO);
    assertThatThrownBy(() -> batch.ask(1, Deadline.in(LIMIT)))
        .isInstanceOfSatisfying(
            CloudException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.DENIED));
    fails.set(false);
    assertThat(batch.ask(1, Deadline.in(LIMIT))).contains("one");
  }
}
