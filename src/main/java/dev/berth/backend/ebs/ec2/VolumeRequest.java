package dev.berth.backend.ebs.ec2;

import java.util.Optional;
import java.util.SortedMap;

/**
 * What a volume is to be made like.
 *
 * @param throughput in MiB/s
 * @param initializationRate in MiB/s
 * @param token EC2 makes one volume for one token, however often it is asked
 */
public record VolumeRequest(
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
  public VolumeRequest withToken(String next) {
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
