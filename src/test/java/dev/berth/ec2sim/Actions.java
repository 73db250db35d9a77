package dev.berth.ec2sim;

import java.util.Map;

/** Which action is done by whom. */
record Actions(
    CreateCalls create,
    VolumeCalls volumes,
    AttachmentCalls attachments,
    ModificationCalls modifications,
    SnapshotCalls snapshots,
    InstanceCalls instances,
    RegionCalls region,
    TagCalls tags) {

  Map<String, Call> byName() {
    return Map.ofEntries(
        Map.entry("CreateVolume", create::create),
        Map.entry("CopyVolumes", create::copy),
        Map.entry("DeleteVolume", volumes::delete),
        Map.entry("DescribeVolumes", volumes::describe),
        Map.entry("AttachVolume", attachments::attach),
        Map.entry("DetachVolume", attachments::detach),
        Map.entry("ModifyVolume", modifications::modify),
        Map.entry("DescribeVolumesModifications", modifications::describe),
        Map.entry("CreateSnapshot", snapshots::create),
        Map.entry("DeleteSnapshot", snapshots::delete),
        Map.entry("DescribeSnapshots", snapshots::describe),
        Map.entry("DescribeInstances", instances::describe),
        Map.entry("DescribeInstanceTypes", region::describeTypes),
        Map.entry("DescribeAvailabilityZones", region::describeZones),
        Map.entry("CreateTags", tags::create),
        Map.entry("DeleteTags", tags::delete));
  }
}
