package dev.berth.backend.ebs;

import dev.berth.backend.ebs.device.EbsDevices.Disk;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.host.BlockDevice;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;

/**
 * Attaches EBS volumes to this instance.
 *
 * <p>A device that is here, and that nothing has asked to go, is the answer. Else EC2 is asked to
 * attach, and only if it refuses, or if it is not known what this host did before, what it says of
 * the volume is looked at: see {@link Attaching}. It never has two owners, since EC2 attaches a
 * volume to one instance only.
 */
final class Attacher {
  private final EbsContext cloud;

  Attacher(EbsContext cloud) {
    this.cloud = cloud;
  }

  /** The volume's device, proved to be it. */
  BlockDevice attach(Volume volume) {
    String id = volume.made().ref().value();
    Disk disk = new Disk(id, cloud.memory().device(id), EbsOptionRules.gib(volume.options()));
    Optional<BlockDevice> present = cloud.devices().find(id, disk.name());
    if (present.isPresent() && cloud.memory().isHere(id)) {
      cloud.devices().prove(present.get(), disk);
      return present.get();
    }
    try {
      boolean lookFirst = present.isPresent() || cloud.emulated();
      return new Attaching(cloud, volume, cloud.longDeadline()).run(lookFirst);
    } catch (CloudException e) {
      throw EbsErrors.failed(
          "cannot attach volume %s (%s) to instance %s".formatted(volume.name(), id, cloud.here()),
          e);
    }
  }

  /** Where a mistake of the caller's shows: a volume that was never made has no device. */
  static VolumeException.Failed gone(Volume volume) {
    return new VolumeException.Failed(
        "volume %s: EC2 has no volume %s (any more) in this region; restore a snapshot of it, or remove it with 'docker volume rm %s'"
            .formatted(volume.name(), volume.made().ref(), volume.name()));
  }
}
