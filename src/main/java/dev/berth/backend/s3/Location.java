package dev.berth.backend.s3;

import dev.berth.volume.BackendRef;
import dev.berth.volume.VolumeOptions;

/**
 * Where a volume's objects are.
 *
 * @param prefix of their keys; empty for a whole bucket, else it ends with a slash
 */
record Location(String bucket, String prefix) {
  static Location of(VolumeOptions options) {
    return new Location(
        options.require(S3Options.BUCKET), options.find(S3Options.PREFIX).orElse(""));
  }

  BackendRef ref() {
    return new BackendRef(bucket + "/" + prefix);
  }

  /** Whether a key of the one can be a key of the other. */
  boolean overlaps(Location other) {
    return bucket.equals(other.bucket)
        && (prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix));
  }

  boolean hasPrefix() {
    return !prefix.isEmpty();
  }

  /** For people: {@code s3://bucket/prefix/}. */
  @Override
  public String toString() {
    return "s3://%s/%s".formatted(bucket, prefix);
  }
}
