package dev.berth.ec2sim;

import java.time.Instant;

/**
 * A volume at an instance.
 *
 * @param device as requested, e.g. {@code /dev/xvdaa}
 * @param serial tells this attachment from an earlier one of the same volume
 */
public record Attachment(
    String instanceId, String device, State state, Instant attachTime, long serial) {
  static final long ROOT = 0;

  /** As the service names them. */
  public enum State {
    ATTACHING,
    ATTACHED,
    DETACHING,
    /** Detaching, but the instance still has it mounted or open. */
    BUSY;

    /** The service's word. */
    public String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  Attachment in(State next) {
    return new Attachment(instanceId, device, next, attachTime, serial);
  }

  /** That of a volume its instance was born with. */
  boolean isRoot() {
    return serial == ROOT;
  }

  boolean ending() {
    return state == State.DETACHING || state == State.BUSY;
  }
}
