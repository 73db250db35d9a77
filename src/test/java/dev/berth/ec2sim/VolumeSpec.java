package dev.berth.ec2sim;

import java.util.Optional;

/**
 * What a volume is to be.
 *
 * @param size in GiB
 * @param throughput in MiB/s, of gp3 only
 */
public record VolumeSpec(
    String zone,
    int size,
    VolumeType type,
    Optional<Integer> iops,
    Optional<Integer> throughput,
    boolean encrypted,
    Optional<String> kmsKeyId) {

  private static final long GIB = 1L << 30;

  long bytes() {
    return size * GIB;
  }

  VolumeSpec with(
      int newSize, VolumeType newType, Optional<Integer> newIops, Optional<Integer> newThroughput) {
    return new VolumeSpec(zone, newSize, newType, newIops, newThroughput, encrypted, kmsKeyId);
  }
}
