package dev.berth.backend.ebs.ec2;

import dev.berth.volume.VolumeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What EC2 has, asked for by many at once with few calls. An answer may lag behind what was just
 * done. Failures are {@link CloudException}.
 */
public final class BatchedDescribes {
  /** EC2 takes that many values in one filter. */
  private static final int MAX_VALUES = 200;

  private final Duration gather;
  private final Duration apart;
  private final RequestCoalescer<String, CloudVolume> volumes;
  private final RequestCoalescer<String, List<CloudVolume>> volumesByTag;
  private final RequestCoalescer<String, CloudSnapshot> snapshots;
  private final RequestCoalescer<String, CloudInstance> instances;
  private final RequestCoalescer<String, CloudModification> modifications;

  /**
   * @param volumeIdTag the key of the tag that names the volume of Berth's that one of EC2's was
   *     made for
   * @param gather how long a question waits for others, at least
   * @param apart how far two calls of one kind are apart, at least
   */
  public BatchedDescribes(Ec2Calls ec2, String volumeIdTag, Duration gather, Duration apart) {
    this.gather = gather;
    this.apart = apart;
    volumes =
        batch(
            "DescribeVolumes",
            (ids, deadline) ->
                by(CloudVolume::id, ec2.describeVolumes("volume-id", ids, deadline)));
    volumesByTag =
        batch(
            "DescribeVolumes",
            (ids, deadline) ->
                ec2.describeVolumes("tag:" + volumeIdTag, ids, deadline).stream()
                    .collect(
                        Collectors.groupingBy(
                            volume -> volume.tags().getOrDefault(volumeIdTag, ""))));
    snapshots =
        batch(
            "DescribeSnapshots",
            (ids, deadline) ->
                by(CloudSnapshot::id, ec2.describeSnapshots("snapshot-id", ids, false, deadline)));
    instances =
        batch(
            "DescribeInstances",
            (ids, deadline) -> by(CloudInstance::id, ec2.describeInstances(ids, deadline)));
    modifications =
        batch(
            "DescribeVolumesModifications",
            (ids, deadline) ->
                by(CloudModification::volume, ec2.describeModifications(ids, deadline)));
  }

  private <V> RequestCoalescer<String, V> batch(
      String name, RequestCoalescer.Question<String, V> question) {
    return new RequestCoalescer<>(name, question, MAX_VALUES, gather, apart);
  }

  private static <V> Map<String, V> by(Function<V, String> id, List<V> found) {
    return found.stream().collect(Collectors.toMap(id, Function.identity(), (one, other) -> other));
  }

  public Optional<CloudVolume> volume(String id, Deadline deadline) {
    return volumes.ask(id, deadline);
  }

  /** All that Berth made for this volume: one, or none yet, or none any more. */
  public List<CloudVolume> volumesOf(VolumeId id, Deadline deadline) {
    return volumesByTag.ask(id.value(), deadline).orElse(List.of());
  }

  public Optional<CloudSnapshot> snapshot(String id, Deadline deadline) {
    return snapshots.ask(id, deadline);
  }

  public Optional<CloudInstance> instance(String id, Deadline deadline) {
    return instances.ask(id, deadline);
  }

  /** The last change of a volume, empty if there never was one. */
  public Optional<CloudModification> modification(String volume, Deadline deadline) {
    return modifications.ask(volume, deadline);
  }
}
