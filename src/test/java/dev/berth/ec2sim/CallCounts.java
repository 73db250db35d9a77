package dev.berth.ec2sim;

import java.util.Map;
import java.util.TreeMap;

/** How many calls came, by action, and how many of them ended in an error, by code. */
public final class CallCounts {
  private final Map<String, Integer> calls = new TreeMap<>();
  private final Map<String, Integer> errors = new TreeMap<>();

  synchronized void called(String action) {
    calls.merge(action, 1, Integer::sum);
  }

  synchronized void failed(String code) {
    errors.merge(code, 1, Integer::sum);
  }

  /** All that came, refused and dropped ones too. */
  public synchronized int total() {
    return calls.values().stream().reduce(0, Integer::sum);
  }

  public synchronized int of(String action) {
    return calls.getOrDefault(action, 0);
  }

  public synchronized int errors(String code) {
    return errors.getOrDefault(code, 0);
  }

  public synchronized Map<String, Integer> byAction() {
    return Map.copyOf(calls);
  }

  public synchronized void reset() {
    calls.clear();
    errors.clear();
  }

  @Override
  public synchronized String toString() {
    return "calls %s, errors %s".formatted(calls, errors);
  }
}
