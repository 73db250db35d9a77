package dev.berth.backend.ebs.ec2;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * EC2's calls, in our own words ({@link Ec2Models}): one method, one call. All block until EC2 has
 * answered, at most until the deadline, and fail with {@link CloudException}. Descriptions are
 * asked for by filter, not by id: one id that is not there then is absent from the answer instead
 * of failing it.
 */
public final class Ec2Calls {
  private final Supplier<Ec2Connection> ec2;

  /** The first call opens the connection. */
  public Ec2Calls(Supplier<Ec2Connection> ec2) {
    this.ec2 = ec2;
  }

  /** Opens the connection if it is not open yet; what prevents that is what any call would meet. */
  public void open() {
    var _ = ec2.get();
  }

  /** Asks for a volume and returns its id; it exists, but it is not available yet. */
  public String createVolume(VolumeRequest request, boolean dryRun, Deadline deadline) {
    return ec2.get()
        .call(
            "CreateVolume",
            deadline,
            (client, terms) ->
                client
                    .createVolume(
                        call -> {
                          call.availabilityZone(request.zone())
                              .size(request.sizeGiB())
                              .volumeType(request.type())
                              .tagSpecifications(
                                  Ec2Models.tags(ResourceType.VOLUME, request.tags()))
                              .clientToken(request.token())
                              .overrideConfiguration(terms);
                          request.iops().ifPresent(call::iops);
                          request.throughput().ifPresent(call::throughput);
                          request.encrypted().ifPresent(call::encrypted);
                          request.kmsKeyId().ifPresent(call::kmsKeyId);
                          request.snapshot().ifPresent(call::snapshotId);
                          request.initializationRate().ifPresent(call::volumeInitializationRate);
                          if (dryRun) {
                            call.dryRun(true);
                          }
                        })
                    .volumeId());
  }

  /** Asks for a copy of a volume, as it is now, in the zone of that volume; returns its id. */
  public String copyVolume(String source, VolumeRequest request, Deadline deadline) {
    return ec2.get()
        .call(
            "CopyVolumes",
            deadline,
            (client, terms) ->
                client
                    .copyVolumes(
                        call -> {
                          call.sourceVolumeId(source)
                              .size(request.sizeGiB())
                              .volumeType(request.type())
                              .tagSpecifications(
                                  Ec2Models.tags(ResourceType.VOLUME, request.tags()))
                              .clientToken(request.token())
                              .overrideConfiguration(terms);
                          request.iops().ifPresent(call::iops);
                          request.throughput().ifPresent(call::throughput);
                          request.encrypted().ifPresent(call::encrypted);
                          request.kmsKeyId().ifPresent(call::kmsKeyId);
                        })
                    .volumes()
                    .getFirst()
                    .volumeId());
  }

  public void deleteVolume(String volume, Deadline deadline) {
    ec2.get()
        .call(
            "DeleteVolume",
            deadline,
            (client, terms) ->
                client.deleteVolume(call -> call.volumeId(volume).overrideConfiguration(terms)));
  }

  /** Whatever its value is. Absent: success. */
  public void deleteTag(String resource, String key, Deadline deadline) {
    ec2.get()
        .call(
            "DeleteTags",
            deadline,
            (client, terms) ->
                client.deleteTags(
                    call ->
                        call.resources(resource)
                            .tags(Tag.builder().key(key).build())
                            .overrideConfiguration(terms)));
  }

  /** Asks for an attachment; it has been accepted, the volume is not there yet. */
  public void attachVolume(String volume, String instance, String device, Deadline deadline) {
    ec2.get()
        .call(
            "AttachVolume",
            deadline,
            (client, terms) ->
                client.attachVolume(
                    call ->
                        call.volumeId(volume)
                            .instanceId(instance)
                            .device(device)
                            .overrideConfiguration(terms)));
  }

  /** Asks for the end of an attachment, never by force. */
  public void detachVolume(String volume, String instance, String device, Deadline deadline) {
    ec2.get()
        .call(
            "DetachVolume",
            deadline,
            (client, terms) ->
                client.detachVolume(
                    call ->
                        call.volumeId(volume)
                            .instanceId(instance)
                            .device(device)
                            .overrideConfiguration(terms)));
  }

  public void modifyVolume(String volume, int sizeGiB, Deadline deadline) {
    ec2.get()
        .call(
            "ModifyVolume",
            deadline,
            (client, terms) ->
                client.modifyVolume(
                    call -> call.volumeId(volume).size(sizeGiB).overrideConfiguration(terms)));
  }

  /**
   * Copies a volume as it is now; the copy is good as soon as this returns, though not complete.
   */
  public CloudSnapshot createSnapshot(
      String volume, String description, SortedMap<String, String> tags, Deadline deadline) {
    return ec2.get()
        .call(
            "CreateSnapshot",
            deadline,
            (client, terms) ->
                Ec2Models.snapshot(
                    client.createSnapshot(
                        call ->
                            call.volumeId(volume)
                                .description(description)
                                .tagSpecifications(Ec2Models.tags(ResourceType.SNAPSHOT, tags))
                                .overrideConfiguration(terms)),
                    tags));
  }

  public void deleteSnapshot(String snapshot, Deadline deadline) {
    ec2.get()
        .call(
            "DeleteSnapshot",
            deadline,
            (client, terms) ->
                client.deleteSnapshot(
                    call -> call.snapshotId(snapshot).overrideConfiguration(terms)));
  }

  /** The volumes of which {@code filter}, e.g. {@code volume-id}, is one of {@code values}. */
  public List<CloudVolume> describeVolumes(
      String filter, Collection<String> values, Deadline deadline) {
    return ec2.get()
        .call(
            "DescribeVolumes",
            deadline,
            (client, terms) ->
                client
                    .describeVolumesPaginator(
                        call ->
                            call.filters(Ec2Models.filter(filter, values))
                                .overrideConfiguration(terms))
                    .volumes()
                    .stream()
                    .map(Ec2Models::volume)
                    .toList());
  }

  /** As {@link #describeVolumes}, for this account's snapshots, or for any it may use. */
  public List<CloudSnapshot> describeSnapshots(
      String filter, Collection<String> values, boolean own, Deadline deadline) {
    return ec2.get()
        .call(
            "DescribeSnapshots",
            deadline,
            (client, terms) ->
                client
                    .describeSnapshotsPaginator(
                        call -> {
                          call.filters(Ec2Models.filter(filter, values))
                              .overrideConfiguration(terms);
                          if (own) {
                            call.ownerIds("self");
                          }
                        })
                    .snapshots()
                    .stream()
                    .map(Ec2Models::snapshot)
                    .toList());
  }

  public List<CloudInstance> describeInstances(Collection<String> ids, Deadline deadline) {
    return ec2.get()
        .call(
            "DescribeInstances",
            deadline,
            (client, terms) ->
                client
                    .describeInstances(
                        call ->
                            call.filters(Ec2Models.filter("instance-id", ids))
                                .overrideConfiguration(terms))
                    .reservations()
                    .stream()
                    .flatMap(reservation -> reservation.instances().stream())
                    .map(Ec2Models::instance)
                    .toList());
  }

  public List<CloudModification> describeModifications(
      Collection<String> volumes, Deadline deadline) {
    return ec2.get()
        .call(
            "DescribeVolumesModifications",
            deadline,
            (client, terms) ->
                client
                    .describeVolumesModifications(
                        call ->
                            call.filters(Ec2Models.filter("volume-id", volumes))
                                .overrideConfiguration(terms))
                    .volumesModifications()
                    .stream()
                    .map(Ec2Models::modification)
                    .toList());
  }

  /** Empty if EC2 does not say how many volumes the type holds. */
  public Optional<InstanceType> describeInstanceType(String type, Deadline deadline) {
    return ec2.get()
        .call(
            "DescribeInstanceTypes",
            deadline,
            (client, terms) ->
                client
                    .describeInstanceTypes(
                        call ->
                            call.filters(Ec2Models.filter("instance-type", List.of(type)))
                                .overrideConfiguration(terms))
                    .instanceTypes()
                    .stream()
                    .findFirst()
                    .map(InstanceTypeInfo::ebsInfo)
                    .filter(ebs -> ebs.maximumEbsAttachments() != null)
                    .map(ebs -> Ec2Models.instanceType(type, ebs)));
  }
}
