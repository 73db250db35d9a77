package dev.berth.volume;

/**
 * A boundary inside an operation: a moment at which something outside the process has just changed.
 * Each operation lists its steps in an enum of its own, and says {@link Progress#reached} at each;
 * what a crash at a step leaves behind is finished or rolled back by the same code when it runs
 * again.
 */
public interface Step {
  /** The name of the constant. */
  String name();
}
