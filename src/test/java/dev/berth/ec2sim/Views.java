package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Xml;

/** How things look in an answer. */
final class Views {
  static final String ACCOUNT = "123456789012";

  private Views() {}

  static void volume(Xml xml, Volume volume) {
    VolumeSpec spec = volume.spec();
    xml.element("volumeId", volume.id())
        .element("size", spec.size())
        .element("snapshotId", volume.snapshotId().orElse(""))
        .element("sourceVolumeId", volume.sourceVolumeId())
        .element("availabilityZone", spec.zone())
        .element("status", volume.status())
        .element("createTime", volume.createTime())
        .element("volumeType", spec.type().wire())
        .element("iops", spec.iops())
        .element("throughput", spec.throughput())
        .element("encrypted", spec.encrypted())
        .element("kmsKeyId", spec.kmsKeyId())
        .element("volumeInitializationRate", volume.initializationRate())
        .element("multiAttachEnabled", false)
        .set(
            "attachmentSet",
            volume.attachment().stream().toList(),
            (item, attachment) -> attachment(item, volume.id(), attachment));
    if (!volume.tags().isEmpty()) {
      xml.tags(volume.tags());
    }
  }

  static void attachment(Xml xml, String volumeId, Attachment attachment) {
    xml.element("volumeId", volumeId)
        .element("instanceId", attachment.instanceId())
        .element("device", attachment.device())
        .element("status", attachment.state().wire())
        .element("attachTime", attachment.attachTime())
        .element("deleteOnTermination", false)
        .element("ebsCardIndex", 0);
  }

  static void snapshot(Xml xml, Snapshot snapshot) {
    xml.element("snapshotId", snapshot.id())
        .element("volumeId", snapshot.volumeId())
        .element("volumeSize", snapshot.size())
        .element("status", snapshot.status())
        .element("progress", snapshot.completed() ? "100%" : "42%")
        .element("startTime", snapshot.startTime())
        .element("ownerId", ACCOUNT)
        .element("description", snapshot.description().orElse(""))
        .element("encrypted", snapshot.encrypted())
        .element("kmsKeyId", snapshot.kmsKeyId())
        .element("storageTier", "standard");
    if (!snapshot.tags().isEmpty()) {
      xml.tags(snapshot.tags());
    }
  }

  static void modification(Xml xml, Modification modification) {
    VolumeSpec from = modification.original();
    VolumeSpec to = modification.target();
    xml.element("volumeId", modification.volumeId())
        .element("modificationState", modification.state().wire())
        .element("progress", modification.state().progress())
        .element("originalSize", from.size())
        .element("originalVolumeType", from.type().wire())
        .element("originalIops", from.iops())
        .element("originalThroughput", from.throughput())
        .element("targetSize", to.size())
        .element("targetVolumeType", to.type().wire())
        .element("targetIops", to.iops())
        .element("targetThroughput", to.throughput())
        .element("startTime", modification.startTime())
        .element("endTime", modification.endTime());
  }
}
