package dev.berth.backend.ebs;

import dev.berth.backend.ebs.Detacher.Attached;
import dev.berth.backend.ebs.ec2.Backoff;
import dev.berth.backend.ebs.ec2.CloudInstance;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What stands between this instance and a volume. Another instance that holds it loses it only if
 * EC2 says that it is stopped or terminated, or keeps saying that it knows no such instance. One
 * that runs may be about to let go of it, and is waited for; never longer, and nothing is taken
 * from it.
 */
final class AttachmentOwner {
  private static final Logger LOG = Logger.getLogger(AttachmentOwner.class);

  /** As what instances have the disk that they start from. */
  private static final Set<String> ROOT_DISKS = Set.of("/dev/sda1", "/dev/sda", "/dev/xvda");

  private final EbsContext cloud;
  private final Volume volume;
  private final String id;
  private final Deadline deadline;
  private final Backoff backoff;
  private @Nullable Deadline patience;
  private @Nullable Deadline absent;

  AttachmentOwner(EbsContext cloud, Volume volume, String id, Deadline deadline) {
    this.cloud = cloud;
    this.volume = volume;
    this.id = id;
    this.deadline = deadline;
    backoff = cloud.timings().backoff();
  }

  /** Refuses a volume that can never be attached here. */
  void refuseUnusable(CloudVolume now) {
    if (now.lost()) {
      throw new VolumeException.Failed(
          "volume %s: EC2 says that %s is %s; restore a snapshot of it"
              .formatted(volume.name(), now.id(), now.state()));
    }
    if (!now.zone().equals(cloud.instance().identity().zone())) {
      throw otherZone(now.zone());
    }
    if (now.multiAttach()) {
      throw new VolumeException.Refused(
          "volume %s: %s can be attached to many instances at once, which its filesystem would not survive"
              .formatted(volume.name(), now.id()));
    }
  }

  VolumeException.Invalid otherZone(String zone) {
    return new VolumeException.Invalid(
        "volume %s is in %s, but instance %s is in %s, and EBS volumes do not leave their zone: run the container on an instance in %s, or make a snapshot of the volume and create one from it with -o availabilityZone=%s"
            .formatted(
                volume.name(),
                zone,
                cloud.here(),
                cloud.instance().identity().zone(),
                zone,
                cloud.instance().identity().zone()));
  }

  /**
   * Takes the volume if the instance that has it is gone, and never its root disk; the caller looks
   * again. Whether the instance is gone, or not known to EC2 for so short a time that it may be.
   */
  boolean takeIfGone(Attachment held) {
    Optional<CloudInstance> holder = cloud.view().instance(held.instance(), deadline);
    boolean gone = isGone(holder);
    if (gone && !ROOT_DISKS.contains(held.device())) {
      takeOver(
          held, holder.map(CloudInstance::state).map(Object::toString).orElse("unknown to EC2"));
      return true;
    }
    return !gone && holder.isEmpty();
  }

  /** Waits a little, or takes the volume; the caller looks again. */
  void awaitRelease(Attachment held) {
    Optional<CloudInstance> holder = cloud.view().instance(held.instance(), deadline);
    if (isGone(holder)) {
      takeOver(
          held, holder.map(CloudInstance::state).map(Object::toString).orElse("unknown to EC2"));
      backoff.pause(deadline);
      return;
    }
    if (patience == null) {
      patience = Deadline.in(cloud.timings().holder());
    }
    if (patience.passed()) {
      throw new VolumeException.InUse(
          "volume %s (%s) is %s to instance %s (%s) as %s; this is instance %s. Stop its containers there; it is taken over only when that instance is stopped or terminated"
              .formatted(
                  volume.name(),
                  id,
                  held.state(),
                  held.instance(),
                  holder
                      .map(CloudInstance::state)
                      .map(Object::toString)
                      .orElse("not known to EC2 for a moment"),
                  held.device(),
                  cloud.here()));
    }
    backoff.pause(deadline.orIn(patience.left()));
  }

  /** An instance that was just started may not be described yet. */
  private boolean isGone(Optional<CloudInstance> holder) {
    if (holder.isPresent()) {
      absent = null;
      return holder.get().gone();
    }
    if (absent == null) {
      absent = Deadline.in(cloud.timings().absent());
    }
    return absent.passed();
  }

  private void takeOver(Attachment held, String state) {
    if (held.ending()) {
      return;
    }
    LOG.warnf(
        "volume %s (%s) is taken over from instance %s, which is %s",
        volume.name(), id, held.instance(), state);
    if (Detacher.agrees(cloud.ec2(), id, new Attached(held.instance(), held.device()), deadline)) {
      Progress.reached(EbsStep.TAKEN_OVER);
    }
  }
}
