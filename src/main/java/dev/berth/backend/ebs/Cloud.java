package dev.berth.backend.ebs;

import dev.berth.backend.ebs.CloudVolume.Attachment;
import java.time.InstantSource;

/**
 * Everything that the parts of an {@link EbsStore} share.
 *
 * @param ec2 makes single calls
 * @param view answers questions, many with one call
 * @param deleteAdopted whether volumes that Berth did not make may be deleted
 */
record Cloud(
    Ec2Calls ec2,
    CloudView view,
    ThisInstance instance,
    InstanceTypes instanceTypes,
    EbsDevices devices,
    AttachmentMemory memory,
    DeviceNames names,
    EbsTimings timings,
    boolean emulated,
    boolean deleteAdopted) {

  static Cloud of(
      EbsSettings settings,
      ThisInstance instance,
      Ec2Calls ec2,
      EbsDevices devices,
      EbsTimings timings,
      InstantSource clock) {
    EbsTimings own = settings.loopback() ? timings.withoutFirstLook() : timings;
    return new Cloud(
        ec2,
        new CloudView(ec2, own),
        instance,
        new InstanceTypes(ec2),
        devices,
        new AttachmentMemory(),
        new DeviceNames(clock, own.badName()),
        own,
        settings.loopback(),
        settings.deleteAdopted());
  }

  /** This instance's id. */
  String here() {
    return instance.identity().instance();
  }

  /** EC2's descriptions may not show yet what this host has just asked for. */
  boolean isBeingDetached(String volume, Attachment attachment) {
    return attachment.state().equals(Attachment.DETACHING)
        || (attachment.instance().equals(here()) && memory.isAway(volume));
  }
}
