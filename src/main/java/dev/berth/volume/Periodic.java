package dev.berth.volume;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Work that is done again and again, whatever becomes of it. */
public final class Periodic {
  private static final Logger LOG = Logger.getLogger(Periodic.class);

  private Periodic() {}

  /**
   * Runs {@code work} on {@code timer} after {@code first}, and then each time {@code pause} after
   * it ended. What it throws, an {@link Error} too, is logged, and ends nothing: a timer itself
   * would never run it again, and say so to nobody.
   */
  public static void start(
      ScheduledExecutorService timer, Duration first, Duration pause, Runnable work) {
    var _ =
        timer.scheduleWithFixedDelay(
            () -> {
              try {
                work.run();
              } catch (Throwable e) {
                LOG.error("what is done periodically failed; it is done again", e);
              }
            },
            first.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
  }
}
