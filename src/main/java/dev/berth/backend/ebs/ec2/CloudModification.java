package dev.berth.backend.ebs.ec2;

/** The last change of a volume's size or type. */
public record CloudModification(String volume, State state, int targetGiB, String message) {
  /** How far it is. {@link #UNKNOWN} is what EC2 may say one day. */
  public enum State {
    MODIFYING,
    OPTIMIZING,
    COMPLETED,
    FAILED,
    UNKNOWN;

    /** EC2's own word. */
    @Override
    public String toString() {
      return Ec2Word.of(this);
    }
  }

  /** Whether the volume has the size it is to have. */
  public boolean inEffect() {
    return state == State.OPTIMIZING || state == State.COMPLETED;
  }

  public boolean failed() {
    return state == State.FAILED;
  }
}
