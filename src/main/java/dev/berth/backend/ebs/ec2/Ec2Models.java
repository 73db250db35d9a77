package dev.berth.backend.ebs.ec2;

import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.AttachmentLimitType;
import software.amazon.awssdk.services.ec2.model.CreateSnapshotResponse;
import software.amazon.awssdk.services.ec2.model.EbsInfo;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceBlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;
import software.amazon.awssdk.services.ec2.model.VolumeModification;

/** Between EC2's types and our own. What EC2 leaves out is empty, 0 or the epoch here. */
final class Ec2Models {
  private Ec2Models() {}

  static TagSpecification tags(ResourceType type, SortedMap<String, String> tags) {
    return TagSpecification.builder()
        .resourceType(type)
        .tags(
            tags.entrySet().stream()
                .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList())
        .build();
  }

  private static SortedMap<String, String> tags(List<Tag> tags) {
    SortedMap<String, String> map = new TreeMap<>();
    tags.forEach(tag -> map.put(tag.key(), text(tag.value())));
    return map;
  }

  static Filter filter(String name, Collection<String> values) {
    return Filter.builder().name(name).values(values).build();
  }

  static CloudVolume volume(Volume volume) {
    return new CloudVolume(
        volume.volumeId(),
        Ec2Word.parse(volume.stateAsString(), CloudVolume.State.UNKNOWN),
        volume.size(),
        text(volume.availabilityZone()),
        text(volume.volumeTypeAsString()),
        Boolean.TRUE.equals(volume.multiAttachEnabled()),
        volume.attachments().stream().map(Ec2Models::attachment).toList(),
        tags(volume.tags()),
        time(volume.createTime()));
  }

  private static Attachment attachment(VolumeAttachment attachment) {
    return new Attachment(
        text(attachment.instanceId()),
        text(attachment.device()),
        Ec2Word.parse(attachment.stateAsString(), Attachment.Phase.UNKNOWN));
  }

  static CloudSnapshot snapshot(Snapshot snapshot) {
    return new CloudSnapshot(
        snapshot.snapshotId(),
        Ec2Word.parse(snapshot.stateAsString(), CloudSnapshot.State.UNKNOWN),
        text(snapshot.progress()),
        text(snapshot.stateMessage()),
        text(snapshot.volumeId()),
        snapshot.volumeSize(),
        time(snapshot.startTime()),
        tags(snapshot.tags()));
  }

  static CloudSnapshot snapshot(CreateSnapshotResponse made, SortedMap<String, String> tags) {
    return new CloudSnapshot(
        made.snapshotId(),
        Ec2Word.parse(made.stateAsString(), CloudSnapshot.State.UNKNOWN),
        text(made.progress()),
        "",
        text(made.volumeId()),
        made.volumeSize(),
        time(made.startTime()),
        tags);
  }

  static CloudInstance instance(Instance instance) {
    return new CloudInstance(
        instance.instanceId(),
        Ec2Word.parse(instance.state().nameAsString(), CloudInstance.State.UNKNOWN),
        text(instance.instanceTypeAsString()),
        instance.blockDeviceMappings().stream()
            .map(InstanceBlockDeviceMapping::deviceName)
            .collect(Collectors.toUnmodifiableSet()),
        instance.networkInterfaces().size());
  }

  static CloudModification modification(VolumeModification modification) {
    return new CloudModification(
        modification.volumeId(),
        Ec2Word.parse(modification.modificationStateAsString(), CloudModification.State.UNKNOWN),
        Optional.ofNullable(modification.targetSize()).orElse(0),
        text(modification.statusMessage()));
  }

  static InstanceType instanceType(String type, EbsInfo ebs) {
    return new InstanceType(
        type, ebs.maximumEbsAttachments(), ebs.attachmentLimitType() == AttachmentLimitType.SHARED);
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static Instant time(@Nullable Instant value) {
    return value == null ? Instant.EPOCH : value;
  }
}
