package dev.berth.backend.ebs;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A volume as EC2 describes it.
 *
 * @param state {@code creating}, {@code available}, {@code in-use}, {@code deleting}, {@code
 *     deleted}, {@code error}, or what EC2 may say one day
 * @param multiAttach whether more than one instance may hold it
 */
record CloudVolume(
    String id,
    String state,
    int sizeGiB,
    String zone,
    String type,
    boolean multiAttach,
    List<Attachment> attachments,
    SortedMap<String, String> tags,
    Instant created) {
  static final String CREATING = "creating";
  static final String AVAILABLE = "available";
  static final String IN_USE = "in-use";

  /**
   * That an instance holds it, or is about to or no longer.
   *
   * @param device the name it was asked for with, or that EC2 made of it
   * @param state {@code attaching}, {@code attached}, {@code busy}, {@code detaching}, {@code
   *     detached}
   */
  record Attachment(String instance, String device, String state) {
    static final String ATTACHING = "attaching";
    static final String ATTACHED = "attached";
    static final String DETACHING = "detaching";
    static final String DETACHED = "detached";
  }

  /** Made, and neither broken nor being deleted. */
  boolean usable() {
    return state.equals(AVAILABLE) || state.equals(IN_USE);
  }

  /** Whether it goes, or is gone, or broke. */
  boolean lost() {
    return !usable() && !state.equals(CREATING);
  }

  /** Whether it is being deleted, or was. */
  boolean going() {
    return state.equals("deleting") || state.equals("deleted");
  }

  Optional<Attachment> attachedTo(String instance) {
    return held().filter(attachment -> attachment.instance().equals(instance));
  }

  /** By whichever instance. */
  Optional<Attachment> held() {
    return attachments.stream()
        .filter(attachment -> !attachment.state().equals(Attachment.DETACHED))
        .findFirst();
  }
}
