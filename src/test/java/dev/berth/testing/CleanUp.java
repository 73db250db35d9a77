package dev.berth.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a test has to undo at its end, the last of it first. Each step is done, whatever becomes of
 * the others.
 */
public final class CleanUp {
  private final Deque<Step> steps = new ArrayDeque<>();

  private record Step(String what, Runnable work) {}

  /**
   * Adds a step that is done before those that were added so far.
   *
   * @param what it does, for who reads that it failed
   */
  public void add(String what, Runnable work) {
    steps.push(new Step(what, work));
  }

  /**
   * Does and forgets all steps. If some fail, the {@link AssertionError} at the end names them all,
   * and has their failures as suppressed ones.
   */
  public void run() {
    List<AssertionError> failures = new ArrayList<>();
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.work.run();
      } catch (RuntimeException | Error e) {
        failures.add(new AssertionError("cannot %s: %s".formatted(step.what, e.getMessage()), e));
      }
    }
    if (!failures.isEmpty()) {
      AssertionError all =
          new AssertionError(
              failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }
}
