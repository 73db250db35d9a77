package dev.berth.ec2sim;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot as it is.
 *
 * @param size of the volume, in GiB
 * @param failed it will never be complete
 */
public record Snapshot(
    String id,
    String volumeId,
    int size,
    boolean completed,
    boolean failed,
    Instant startTime,
    Optional<String> description,
    boolean encrypted,
    Optional<String> kmsKeyId,
    Map<String, String> tags) {

  /** As a describe calls it. */
  public String status() {
    return failed ? "error" : completed ? "completed" : "pending";
  }

  boolean pending() {
    return !completed && !failed;
  }

  Snapshot done() {
    return new Snapshot(
        id, volumeId, size, !failed, failed, startTime, description, encrypted, kmsKeyId, tags);
  }

  Snapshot broken() {
    return new Snapshot(
        id, volumeId, size, false, true, startTime, description, encrypted, kmsKeyId, tags);
  }

  Snapshot tagged(Map<String, String> next) {
    return new Snapshot(
        id,
        volumeId,
        size,
        completed,
        failed,
        startTime,
        description,
        encrypted,
        kmsKeyId,
        Map.copyOf(next));
  }
}
