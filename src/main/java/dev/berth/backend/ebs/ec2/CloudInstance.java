package dev.berth.backend.ebs.ec2;

import java.util.Set;

/**
 * An instance as EC2 describes it.
 *
 * @param devices the names that EC2 knows to be taken
 * @param interfaces how many network interfaces it has
 */
public record CloudInstance(
    String id, State state, String type, Set<String> devices, int interfaces) {
  /** Whether it runs. {@link #UNKNOWN} is what EC2 may say one day. */
  public enum State {
    PENDING,
    RUNNING,
    STOPPING,
    STOPPED,
    SHUTTING_DOWN,
    TERMINATED,
    UNKNOWN;

    /** EC2's own word. */
    @Override
    public String toString() {
      return Ec2Word.of(this);
    }
  }

  /** Whether nothing can run on it now. */
  public boolean gone() {
    return state == State.STOPPED || state == State.TERMINATED;
  }
}
