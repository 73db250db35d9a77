package dev.berth.ec2sim;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The latest modification of a volume.
 *
 * @param starts when this one and those before it began
 */
record Modification(
    String volumeId,
    State state,
    VolumeSpec original,
    VolumeSpec target,
    Instant startTime,
    Optional<Instant> endTime,
    List<Instant> starts) {
  /** As the service names them. */
  enum State {
    MODIFYING(0),
    OPTIMIZING(50),
    COMPLETED(100),
    FAILED(0);

    private final int progress;

    State(int progress) {
      this.progress = progress;
    }

    int progress() {
      return progress;
    }

    String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  boolean underWay() {
    return state == State.MODIFYING || state == State.OPTIMIZING;
  }

  Modification in(State next, Instant now) {
    Optional<Instant> end =
        next == State.COMPLETED || next == State.FAILED ? Optional.of(now) : Optional.empty();
    return new Modification(volumeId, next, original, target, startTime, end, starts);
  }
}
