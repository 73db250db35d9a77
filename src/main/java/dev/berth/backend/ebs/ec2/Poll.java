package dev.berth.backend.ebs.ec2;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Waits for what EC2 does: looks, less and less often, until nothing is pending. Here alone it is
 * decided that time is over: when the next look would come after the deadline, and when one did not
 * get its answer by then, which says nothing of what was looked at.
 */
public final class Poll {
  private Poll() {}

  /**
   * Returns when {@code pending} is empty.
   *
   * @param pending what there is to wait for; it throws if there is no more sense in that
   * @param late makes what is thrown when time is over, of what was pending last; empty if nothing
   *     could be seen at all
   */
  public static <S> void until(
      Deadline deadline,
      Backoff backoff,
      Supplier<Optional<S>> pending,
      Function<Optional<S>, ? extends RuntimeException> late) {
    Optional<S> last = Optional.empty();
    while (true) {
      try {
        Optional<S> now = pending.get();
        if (now.isEmpty()) {
          return;
        }
        last = now;
      } catch (CloudException e) {
        if (!isOver(e, deadline)) {
          throw e;
        }
        RuntimeException over = late.apply(last);
        over.addSuppressed(e);
        throw over;
      }
      backoff.pause(deadline);
      if (deadline.passed()) {
        throw late.apply(last);
      }
    }
  }

  /** Whether a call failed only because its time was over. */
  public static boolean isOver(CloudException failure, Deadline deadline) {
    return switch (failure.outcome()) {
      case NO_TIME -> true;
      case UNCLEAR, THROTTLED -> deadline.passed();
      default -> false;
    };
  }
}
