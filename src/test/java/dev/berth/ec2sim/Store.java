package dev.berth.ec2sim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Things by id, and what they were a while ago, for describes that lag. */
final class Store<T> {
  private static final Duration MEMORY = Duration.ofMinutes(5);

  private record Version<T>(Instant since, Optional<T> value) {}

  private final Clock clock;
  private final Map<String, Deque<Version<T>>> versions = new TreeMap<>();

  Store(Clock clock) {
    this.clock = clock;
  }

  Optional<T> find(String id) {
    return Optional.ofNullable(versions.get(id)).flatMap(all -> all.getLast().value());
  }

  /** All there are now, in the order of their ids. */
  Stream<T> all() {
    return versions.values().stream().flatMap(all -> all.getLast().value().stream());
  }

  /** All there were at {@code time}, as they were then. */
  Stream<T> asOf(Instant time) {
    return versions.values().stream().flatMap(all -> at(all, time).stream());
  }

  private Optional<T> at(Deque<Version<T>> all, Instant time) {
    Optional<T> found = Optional.empty();
    for (Version<T> version : all) {
      if (!version.since().isAfter(time)) {
        found = version.value();
      }
    }
    return found;
  }

  void put(String id, T thing) {
    add(id, Optional.of(thing));
  }

  void remove(String id) {
    add(id, Optional.empty());
  }

  private void add(String id, Optional<T> value) {
    Instant now = clock.instant();
    Deque<Version<T>> all = versions.computeIfAbsent(id, key -> new ArrayDeque<>());
    all.addLast(new Version<>(now, value));
    while (all.size() > 2 && all.peekFirst().since().isBefore(now.minus(MEMORY))) {
      all.removeFirst();
    }
  }
}
