package dev.berth.ec2sim;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A bucket for each action, as the service has one for each. */
final class Throttle {
  private final Map<String, TokenBucket> buckets = new ConcurrentHashMap<>();
  private volatile Optional<Supplier<TokenBucket>> others = Optional.empty();

  /** For every action that has no bucket of its own. */
  void all(double rate, int burst) {
    buckets.clear();
    others = Optional.of(() -> new TokenBucket(rate, burst));
  }

  void one(String action, double rate, int burst) {
    buckets.put(action, new TokenBucket(rate, burst));
  }

  void none() {
    others = Optional.empty();
    buckets.clear();
  }

  boolean lets(String action) {
    others.ifPresent(make -> buckets.computeIfAbsent(action, name -> make.get()));
    return Optional.ofNullable(buckets.get(action)).map(TokenBucket::take).orElse(true);
  }
}
