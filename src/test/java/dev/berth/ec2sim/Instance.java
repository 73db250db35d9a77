package dev.berth.ec2sim;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A machine as it is.
 *
 * @param rootVolume the id of the volume at {@link #ROOT_DEVICE}; nobody can detach it
 * @param hiddenDevices names the image uses without telling
 */
record Instance(
    String id,
    String zone,
    InstanceType type,
    State state,
    Instant launchTime,
    String rootVolume,
    Set<String> hiddenDevices,
    Map<String, String> tags) {
  static final String ROOT_DEVICE = "/dev/xvda";

  /** With the codes that the service sends. */
  enum State {
    PENDING(0),
    RUNNING(16),
    SHUTTING_DOWN(32),
    TERMINATED(48),
    STOPPING(64),
    STOPPED(80);

    private final int code;

    State(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    String wire() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  Instance in(State next) {
    return new Instance(id, zone, type, next, launchTime, rootVolume, hiddenDevices, tags);
  }

  Instance tagged(Map<String, String> next) {
    return new Instance(
        id, zone, type, state, launchTime, rootVolume, hiddenDevices, Map.copyOf(next));
  }

  /** An instance in these states takes volumes. */
  boolean attachable() {
    return state == State.RUNNING || state == State.STOPPED;
  }
}
