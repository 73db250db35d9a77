package dev.berth.ec2sim;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A volume as it is. */
public record Volume(
    String id,
    VolumeSpec spec,
    State state,
    Instant createTime,
    Optional<String> snapshotId,
    Optional<String> sourceVolumeId,
    Optional<Integer> initializationRate,
    Map<String, String> tags,
    Optional<Attachment> attachment) {
  /** As the service names them, in-use apart: that is an available volume with an attachment. */
  public enum State {
    CREATING,
    AVAILABLE,
    DELETING
  }

  /** As a describe calls it. */
  public String status() {
    if (state == State.AVAILABLE && attachment.isPresent()) {
      return "in-use";
    }
    return state.name().toLowerCase(java.util.Locale.ROOT);
  }

  Volume in(State next) {
    return copy(spec, next, tags, attachment);
  }

  Volume with(Attachment next) {
    return copy(spec, state, tags, Optional.of(next));
  }

  Volume detached() {
    return copy(spec, state, tags, Optional.empty());
  }

  Volume tagged(Map<String, String> next) {
    return copy(spec, state, next, attachment);
  }

  Volume modified(VolumeSpec next) {
    return copy(next, state, tags, attachment);
  }

  private Volume copy(
      VolumeSpec newSpec,
      State newState,
      Map<String, String> newTags,
      Optional<Attachment> newAttachment) {
    return new Volume(
        id,
        newSpec,
        newState,
        createTime,
        snapshotId,
        sourceVolumeId,
        initializationRate,
        Map.copyOf(newTags),
        newAttachment);
  }
}
