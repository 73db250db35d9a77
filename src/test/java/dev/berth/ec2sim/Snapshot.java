package dev.berth.ec2sim;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot as it is.
 *
 * @param size of the volume, in GiB
 */
public record Snapshot(
    String id,
    String volumeId,
    int size,
    boolean completed,
    Instant startTime,
    Optional<String> description,
    boolean encrypted,
    Optional<String> kmsKeyId,
    Map<String, String> tags) {

  /** As a describe calls it. */
  public String status() {
    return completed ? "completed" : "pending";
  }

  Snapshot done() {
    return new Snapshot(
        id, volumeId, size, true, startTime, description, encrypted, kmsKeyId, tags);
  }

  Snapshot tagged(Map<String, String> next) {
    return new Snapshot(
        id,
        volumeId,
        size,
        completed,
        startTime,
        description,
        encrypted,
        kmsKeyId,
        Map.copyOf(next));
  }
}
