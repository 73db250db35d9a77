package dev.berth.ec2sim;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The delays and limits in force. */
final class Settings {
  private final Map<Delay, Duration> delays = new ConcurrentHashMap<>();
  private final Map<Limit, Integer> limits = new ConcurrentHashMap<>();

  void set(Delay delay, Duration time) {
    delays.put(delay, time);
  }

  void set(Limit limit, int count) {
    limits.put(limit, count);
  }

  Duration of(Delay delay) {
    return delays.getOrDefault(delay, delay.initial());
  }

  int of(Limit limit) {
    return limits.getOrDefault(limit, limit.initial());
  }
}
