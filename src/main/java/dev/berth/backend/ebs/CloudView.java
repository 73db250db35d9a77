package dev.berth.backend.ebs;

import dev.berth.volume.VolumeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What EC2 has, asked for by many at once with few calls. An answer may lag behind what was just
 * done. Failures are {@link CloudException}.
 */
final class CloudView {
  /** EC2 takes that many values in one filter. */
  private static final int MOST_VALUES = 200;

  private final EbsTimings timings;
  private final Batch<String, CloudVolume> volumes;
  private final Batch<String, List<CloudVolume>> volumesByTag;
  private final Batch<String, CloudSnapshot> snapshots;
  private final Batch<String, CloudInstance> instances;
  private final Batch<String, CloudModification> modifications;

  CloudView(Ec2Calls ec2, EbsTimings timings) {
    this.timings = timings;
    volumes =
        batch(
            "DescribeVolumes",
            (ids, deadline) ->
                by(CloudVolume::id, ec2.describeVolumes("volume-id", ids, deadline)));
    volumesByTag =
        batch(
            "DescribeVolumes",
            (ids, deadline) ->
                ec2.describeVolumes("tag:" + EbsTags.VOLUME_ID, ids, deadline).stream()
                    .collect(
                        Collectors.groupingBy(
                            volume -> volume.tags().getOrDefault(EbsTags.VOLUME_ID, ""))));
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

  private <V> Batch<String, V> batch(String name, Batch.Question<String, V> question) {
    return new Batch<>(name, question, MOST_VALUES, timings.gather(), timings.apart());
  }

  private static <V> Map<String, V> by(Function<V, String> id, List<V> found) {
    return found.stream().collect(Collectors.toMap(id, Function.identity(), (one, other) -> other));
  }

  Optional<CloudVolume> volume(String id, Deadline deadline) {
    return volumes.ask(id, deadline);
  }

  /** All that Berth made for this volume: one, or none yet, or none any more. */
  List<CloudVolume> volumesOf(VolumeId id, Deadline deadline) {
    return volumesByTag.ask(id.value(), deadline).orElse(List.of());
  }

  Optional<CloudSnapshot> snapshot(String id, Deadline deadline) {
    return snapshots.ask(id, deadline);
  }

  Optional<CloudInstance> instance(String id, Deadline deadline) {
    return instances.ask(id, deadline);
  }

  /** The last change of a volume, empty if there never was one. */
  Optional<CloudModification> modification(String volume, Deadline deadline) {
    return modifications.ask(volume, deadline);
  }
}
