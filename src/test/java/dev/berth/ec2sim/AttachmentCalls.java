package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** AttachVolume and DetachVolume. */
final class AttachmentCalls {
  private final World world;
  private final Volumes volumes;
  private final Attachments attachments;
  private final Queue<Duration> stuck = new ArrayDeque<>();

  AttachmentCalls(World world, Volumes volumes, Attachments attachments) {
    this.world = world;
    this.volumes = volumes;
    this.attachments = attachments;
  }

  /** The next attachment stays {@code attaching}, and says it has been so for {@code age}. */
  void stickNext(Duration age) {
    world.locked(() -> stuck.add(age));
  }

  Call.Effect attach(Query query) {
    Volume volume = volumes.require(query.required("VolumeId"));
    Instance instance = Ids.INSTANCE.require(world.instances, query.required("InstanceId"));
    String device = query.required("Device");
    query
        .integer("EbsCardIndex")
        .filter(card -> card != 0)
        .ifPresent(
            card -> {
              throw Ec2Error.invalidValue("The instance has no EBS card " + card);
            });
    check(volume, instance, device);
    return () -> {
      Duration age = stuck.poll();
      Attachment made =
          age == null
              ? attachments.attach(volume, instance.id(), device)
              : attachments.attachStuck(volume, instance.id(), device, world.now().minus(age));
      return view(volume, made);
    };
  }

  /** Refuses what cannot be attached. */
  void check(Volume volume, Instance instance, String device) {
    DeviceNames.check(device);
    if (!instance.attachable()) {
      throw new Ec2Error(
          "IncorrectState", "Instance '%s' is not 'running'.".formatted(instance.id()));
    }
    if (!volume.spec().zone().equals(instance.zone())) {
      throw new Ec2Error(
          "InvalidVolume.ZoneMismatch",
          "The volume '%s' is not in the same availability zone as instance '%s'"
              .formatted(volume.id(), instance.id()));
    }
    if (volume.attachment().isPresent()) {
      throw new Ec2Error(
          "VolumeInUse", "%s is already attached to an instance".formatted(volume.id()));
    }
    if (volume.state() != Volume.State.AVAILABLE) {
      throw new Ec2Error("IncorrectState", "%s is not 'available'.".formatted(volume.id()));
    }
    checkPlace(instance, device);
  }

  private void checkPlace(Instance instance, String device) {
    Map<String, Attachment> there = attachments.of(instance.id());
    boolean used = there.values().stream().anyMatch(other -> other.device().equals(device));
    if (used || instance.hiddenDevices().contains(device)) {
      throw DeviceNames.inUse(device);
    }
    if (there.size() >= instance.type().volumes()) {
      throw new Ec2Error(
          "AttachmentLimitExceeded",
          "Volume attachment limit of %d exceeded for instance type %s"
              .formatted(instance.type().volumes(), instance.type().name()));
    }
  }

  Call.Effect detach(Query query) {
    Volume volume = volumes.require(query.required("VolumeId"));
    Optional<String> instanceId = query.text("InstanceId");
    Optional<String> device = query.text("Device");
    boolean force = query.flag("Force");
    Attachment attachment = volume.attachment().orElseThrow(() -> notAttached(volume));
    boolean other =
        instanceId.filter(id -> !id.equals(attachment.instanceId())).isPresent()
            || device.filter(name -> !name.equals(attachment.device())).isPresent();
    if (other) {
      throw new Ec2Error(
          "InvalidAttachment.NotFound",
          "The volume '%s' is not attached to instance '%s' as device '%s'."
              .formatted(volume.id(), instanceId.orElse(""), device.orElse("")));
    }
    checkRoot(volume, attachment);
    return () -> view(volume, attachments.detach(volume, attachment, force));
  }

  private static Ec2Error notAttached(Volume volume) {
    return new Ec2Error(
        "IncorrectState",
        "Volume '%s' is in the '%s' state.".formatted(volume.id(), volume.status()));
  }

  private void checkRoot(Volume volume, Attachment attachment) {
    boolean root =
        world
            .instances
            .find(attachment.instanceId())
            .filter(instance -> instance.rootVolume().equals(volume.id()))
            .filter(instance -> instance.state() != Instance.State.STOPPED)
            .isPresent();
    if (root) {
      throw new Ec2Error(
          "OperationNotPermitted",
          "Unable to detach root volume '%s' from instance '%s'"
              .formatted(volume.id(), attachment.instanceId()));
    }
  }

  private static Xml view(Volume volume, Attachment attachment) {
    Xml xml = new Xml();
    Views.attachment(xml, volume.id(), attachment);
    return xml;
  }
}
