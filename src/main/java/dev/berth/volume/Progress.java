package dev.berth.volume;

import java.util.Locale;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How far one running operation has come; kept for the errors of those who wait for it. */
public final class Progress {
  private static final Logger LOG = Logger.getLogger(Progress.class);
  private static final ScopedValue<Progress> CURRENT = ScopedValue.newInstance();

  private final String operation;
  private final long startedNanos = System.nanoTime();
  private volatile @Nullable Step last;

  public Progress(String operation) {
    this.operation = operation;
  }

  public String operation() {
    return operation;
  }

  /** Runs {@code work} with this as the progress of the current thread. */
  public <T, X extends Throwable> T track(ScopedValue.CallableOp<T, X> work) throws X {
    return ScopedValue.where(CURRENT, this).call(work);
  }

  /**
   * Says that the current operation has just come to {@code step}. Outside any operation it only
   * logs.
   */
  public static void reached(Step step) {
    if (CURRENT.isBound()) {
      Progress current = CURRENT.get();
      current.last = step;
      LOG.debugf("%s: %s after %d us", current.operation, step.name(), current.micros());
    } else {
      LOG.debugf("%s", step.name());
    }
  }

  private long micros() {
    return (System.nanoTime() - startedNanos) / 1_000;
  }

  /** For people: {@code mount, 12 s, attached}. */
  @Override
  public String toString() {
    Step step = last;
    return "%s, %d s%s"
        .formatted(
            operation,
            micros() / 1_000_000,
            step == null ? "" : ", " + step.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }
}
