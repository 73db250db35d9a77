package dev.berth.backend.ebs.ec2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers many questions of one kind with few calls. A question that comes while none was asked
 * lately is asked at once, or nearly; those that come soon after wait and go together, each
 * question once, however many ask it.
 *
 * <p>An answer is never older than its question.
 */
public final class RequestCoalescer<K, V> {
  /** Asks for all keys at once; a key that is not in the answer is absent. */
  public interface Question<K, V> {
    Map<K, V> ask(Set<K> keys, Deadline deadline);
  }

  private final String name;
  private final Question<K, V> question;
  private final int most;
  private final Duration gather;
  private final Duration apart;
  private Map<K, CompletableFuture<Optional<V>>> waiting = new HashMap<>();
  private boolean scheduled;
  private long lastAsked = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

  /**
   * @param most how many keys fit into one call
   * @param gather how long a question waits for others, at least
   * @param apart how far two calls are apart, at least
   */
  public RequestCoalescer(
      String name, Question<K, V> question, int most, Duration gather, Duration apart) {
    this.name = name;
    this.question = question;
    this.most = most;
    this.gather = gather;
    this.apart = apart;
  }

  /**
   * The answer for one key, empty if there is no such thing; a failed call fails all it was for.
   */
  public Optional<V> ask(K key, Deadline deadline) {
    try {
      return enqueue(key).get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CloudException known
          ? copy(known)
          : new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new CloudException(Outcome.NO_TIME, name, "no time", "no answer came in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CloudException(Outcome.UNCLEAR, name, "interrupted", "it was interrupted", e);
    }
  }

  /** Each waiter throws its own, with its own trace. */
  private static CloudException copy(CloudException shared) {
    return new CloudException(
        shared.outcome(), shared.call(), shared.code(), shared.getMessage(), shared);
  }

  private synchronized CompletableFuture<Optional<V>> enqueue(K key) {
    CompletableFuture<Optional<V>> answer =
        waiting.computeIfAbsent(key, k -> new CompletableFuture<>());
    if (!scheduled) {
      scheduled = true;
      Thread.ofVirtual().name("ask " + name).start(this::run);
    }
    return answer;
  }

  private void run() {
    Duration delay = delay();
    Deadline.in(delay).pause(delay);
    Map<K, CompletableFuture<Optional<V>>> batch = take();
    List<K> keys = new ArrayList<>(batch.keySet());
    for (int from = 0; from < keys.size(); from += most) {
      askFor(keys.subList(from, Math.min(from + most, keys.size())), batch);
    }
  }

  private synchronized Duration delay() {
    Duration sinceLast = Duration.ofNanos(System.nanoTime() - lastAsked);
    Duration rest = apart.minus(sinceLast);
    return rest.compareTo(gather) > 0 ? rest : gather;
  }

  private synchronized Map<K, CompletableFuture<Optional<V>>> take() {
    Map<K, CompletableFuture<Optional<V>>> batch = waiting;
    waiting = new HashMap<>();
    scheduled = false;
    lastAsked = System.nanoTime();
    return batch;
  }

  private void askFor(List<K> keys, Map<K, CompletableFuture<Optional<V>>> batch) {
    try {
      Map<K, V> answers = question.ask(Set.copyOf(keys), Deadline.in(Duration.ofSeconds(30)));
      for (K key : keys) {
        answer(batch, key).complete(Optional.ofNullable(answers.get(key)));
      }
    } catch (RuntimeException | Error e) {
      keys.forEach(key -> answer(batch, key).completeExceptionally(e));
    }
  }

  private static <K, V> CompletableFuture<Optional<V>> answer(
      Map<K, CompletableFuture<Optional<V>>> batch, K key) {
    return Objects.requireNonNull(batch.get(key));
  }
}
