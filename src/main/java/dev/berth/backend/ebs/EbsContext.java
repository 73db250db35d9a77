package dev.berth.backend.ebs;

import dev.berth.backend.ebs.device.DeviceNames;
import dev.berth.backend.ebs.device.EbsDevices;
import dev.berth.backend.ebs.ec2.BatchedDescribes;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Ec2Calls;
import dev.berth.backend.ebs.ec2.InstanceTypes;
import dev.berth.volume.VolumeException;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/**
 * Everything that the parts of an {@link EbsStore} share.
 *
 * @param ec2 makes single calls
 * @param view answers questions, many with one call
 * @param deleteAdopted whether volumes that Berth did not make may be deleted
 */
record EbsContext(
    Ec2Calls ec2,
    BatchedDescribes view,
    ThisInstance instance,
    InstanceTypes instanceTypes,
    EbsDevices devices,
    AttachmentCache memory,
    DeviceNames names,
    EbsTimings timings,
    boolean emulated,
    boolean deleteAdopted) {
  private static final Logger LOG = Logger.getLogger(EbsContext.class);

  static EbsContext of(
      EbsSettings settings,
      ThisInstance instance,
      Ec2Calls ec2,
      EbsDevices devices,
      EbsTimings timings,
      InstantSource clock) {
    EbsTimings own = settings.loopback() ? timings.withoutFirstLook() : timings;
    return new EbsContext(
        ec2,
        new BatchedDescribes(ec2, EbsTags.VOLUME_ID, own.gather(), own.apart()),
        instance,
        new InstanceTypes(ec2),
        devices,
        new AttachmentCache(),
        new DeviceNames(clock, own.badName()),
        own,
        settings.loopback(),
        settings.deleteAdopted());
  }

  /** By when a create or an attachment has to be over, see {@link #shortDeadline}. */
  Deadline longDeadline() {
    return deadline(timings.longLimit());
  }

  /**
   * By when anything else has to be over. The time begins when EC2 can be asked: to open the way
   * there for the first time can take a slow host longer than the whole limit.
   */
  Deadline shortDeadline() {
    return deadline(timings.shortLimit());
  }

  private Deadline deadline(Duration limit) {
    ec2.open();
    return Deadline.in(limit);
  }

  /**
   * Opens the way to EC2 and asks it a first question, so that the first volume does not have to
   * wait for that. A failure is for the first volume to tell.
   */
  void warmUp() {
    try {
      var _ = view.instance(here(), shortDeadline());
    } catch (VolumeException | CloudException e) {
      LOG.debug("EC2 could not be asked at the start", e);
    }
  }

  /** This instance's id. */
  String here() {
    return instance.identity().instance();
  }

  /** EC2's descriptions may not show yet what this host has just asked for. */
  boolean isBeingDetached(String volume, Attachment attachment) {
    return attachment.ending() || (attachment.instance().equals(here()) && memory.isAway(volume));
  }
}
