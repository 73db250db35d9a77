package dev.berth.backend.ebs;

import java.util.Optional;
import java.util.SortedMap;

/**
 * What a volume is to be made like.
 *
 * @param throughput in MiB/s
 * @param initializationRate in MiB/s
 * @param token EC2 makes one volume for one token, however often it is asked
 */
record VolumeRequest(
    String zone,
    int sizeGiB,
    String type,
    Optional<Integer> iops,
    Optional<Integer> throughput,
    Optional<Boolean> encrypted,
    Optional<String> kmsKeyId,
    Optional<String> snapshot,
    Optional<Integer> initializationRate,
    SortedMap<String, String> tags,
    String token) {
  VolumeRequest withToken(String next) {
    return new VolumeRequest(
        zone,
        sizeGiB,
        type,
        iops,
        throughput,
        encrypted,
        kmsKeyId,
        snapshot,
        initializationRate,
        tags,
        next);
  }
}
