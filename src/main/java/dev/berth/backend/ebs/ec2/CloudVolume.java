package dev.berth.backend.ebs.ec2;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A volume as EC2 describes it.
 *
 * @param multiAttach whether more than one instance may hold it
 */
public record CloudVolume(
    String id,
    State state,
    int sizeGiB,
    String zone,
    String type,
    boolean multiAttach,
    List<Attachment> attachments,
    SortedMap<String, String> tags,
    Instant created) {
  /** What the volume is. {@link #UNKNOWN} is what EC2 may say one day. */
  public enum State {
    CREATING,
    AVAILABLE,
    IN_USE,
    DELETING,
    DELETED,
    ERROR,
    UNKNOWN;

    /** EC2's own word. */
    @Override
    public String toString() {
      return Ec2Word.of(this);
    }
  }

  /**
   * That an instance holds it, or is about to or no longer.
   *
   * @param device the name it was asked for with, or that EC2 made of it
   */
  public record Attachment(String instance, String device, Phase state) {
    /** How far it is. {@link #UNKNOWN} is what EC2 may say one day. */
    public enum Phase {
      ATTACHING,
      ATTACHED,
      BUSY,
      DETACHING,
      DETACHED,
      UNKNOWN;

      /** EC2's own word. */
      @Override
      public String toString() {
        return Ec2Word.of(this);
      }
    }

    /** Whether it is about to end. */
    public boolean ending() {
      return state == Phase.DETACHING;
    }
  }

  /** Made, and neither broken nor being deleted. */
  public boolean usable() {
    return state == State.AVAILABLE || state == State.IN_USE;
  }

  /** Whether it goes, or is gone, or broke. */
  public boolean lost() {
    return !usable() && state != State.CREATING;
  }

  /** Whether it is being deleted, or was. */
  public boolean going() {
    return state == State.DELETING || state == State.DELETED;
  }

  public Optional<Attachment> attachedTo(String instance) {
    return held().filter(attachment -> attachment.instance().equals(instance));
  }

  /** By whichever instance. */
  public Optional<Attachment> held() {
    return attachments.stream()
        .filter(attachment -> attachment.state() != Attachment.Phase.DETACHED)
        .findFirst();
  }
}
