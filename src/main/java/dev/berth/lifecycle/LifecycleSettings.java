package dev.berth.lifecycle;

import dev.berth.volume.VolumeException;
import java.time.Duration;

/** Which durations of a {@link LifecycleConfig} make sense. */
public final class LifecycleSettings {
  private static final Duration SHORTEST_SWEEP = Duration.ofMillis(100);
  private static final Duration SHORTEST_LIMIT = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3650);

  private LifecycleSettings() {}

  /** Refuses, as {@link VolumeException.Invalid}, a duration that is too short or too long. */
  public static void check(LifecycleConfig config) {
    check("berth.linger", config.linger(), Duration.ZERO);
    check("berth.sweep-interval", config.sweepInterval(), SHORTEST_SWEEP);
    check("berth.trim-interval", config.trimInterval(), SHORTEST_SWEEP);
    check("berth.limits.long-call", config.limits().longCall(), SHORTEST_LIMIT);
    check("berth.limits.short-call", config.limits().shortCall(), SHORTEST_LIMIT);
    if (config.limits().volumes() < 1) {
      throw new VolumeException.Invalid(
          "berth.limits.volumes is %d; it takes at least 1".formatted(config.limits().volumes()));
    }
  }

  /** Within which time every call is answered. */
  public static Duration longestCall(LifecycleConfig config) {
    LifecycleConfig.Limits limits = config.limits();
    return limits.longCall().compareTo(limits.shortCall()) > 0
        ? limits.longCall()
        : limits.shortCall();
  }

  private static void check(String name, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new VolumeException.Invalid(
          "%s is %d ms; it takes from %d ms to 10 years"
              .formatted(name, value.toMillis(), least.toMillis()));
    }
  }
}
