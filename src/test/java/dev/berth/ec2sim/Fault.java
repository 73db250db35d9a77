package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Query;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Something that goes wrong with calls of one action: once, unless told otherwise. Thread-safe; may
 * be changed while calls come in.
 */
public final class Fault {
  /** What goes wrong. */
  public sealed interface Kind {
    /** The answer is this error, and nothing happens. */
    record Fail(String code) implements Kind {}

    /** It happens, and the answer is this error. */
    record FailAfter(String code) implements Kind {}

    /** The connection is closed without an answer, and nothing happens. */
    record DropBefore() implements Kind {}

    /** It happens, and the connection is closed without an answer. */
    record DropAfter() implements Kind {}

    /** It happens late. */
    record Wait(Duration time) implements Kind {}

    /** It happens, and the answer is late. */
    record WaitAfter(Duration time) implements Kind {}
  }

  /** The name that stands for every action. */
  public static final String ANY = "*";

  private final String action;
  private final Kind kind;
  private final Map<String, String> where = new ConcurrentHashMap<>();
  private int left = 1;
  private int skip;
  private int fired;

  Fault(String action, Kind kind) {
    this.action = action;
    this.kind = kind;
  }

  /** Happens {@code count} times instead of once. */
  public synchronized Fault times(int count) {
    left = count;
    return this;
  }

  /** Happens each time, until {@link #stop}. */
  public Fault always() {
    return times(Integer.MAX_VALUE);
  }

  /** Lets the first {@code count} calls it would meet pass. */
  public synchronized Fault after(int count) {
    skip = count;
    return this;
  }

  /** Meets only calls whose {@code parameter}, named as on the wire, has this value. */
  public Fault where(String parameter, String value) {
    where.put(parameter, value);
    return this;
  }

  public synchronized Fault stop() {
    left = 0;
    return this;
  }

  /** How often it happened. */
  public synchronized int fired() {
    return fired;
  }

  /** Fails unless it happened. */
  public void assertFired() {
    if (fired() == 0) {
      throw new AssertionError("never happened: %s at %s".formatted(kind, action));
    }
  }

  Kind kind() {
    return kind;
  }

  synchronized boolean meets(String called, Query query) {
    boolean meant =
        (action.equals(ANY) || action.equals(called))
            && query.without().entrySet().containsAll(where.entrySet());
    if (!meant || left == 0) {
      return false;
    }
    if (skip > 0) {
      skip--;
      return false;
    }
    left = left == Integer.MAX_VALUE ? left : left - 1;
    fired++;
    return true;
  }
}
