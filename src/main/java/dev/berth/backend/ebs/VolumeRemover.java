package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.ebs.CloudVolume.Attachment;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Deletes EBS volumes. */
final class VolumeRemover {
  private static final Logger LOG = Logger.getLogger(VolumeRemover.class);
  private final Cloud cloud;

  VolumeRemover(Cloud cloud) {
    this.cloud = cloud;
  }

  /**
   * Deletes the volume's EBS volume; of one that was never made completely, whatever there is by
   * Berth's tags. One that was only to be adopted stays.
   */
  void remove(Volume volume) {
    Deadline deadline = Deadline.in(cloud.timings().shortLimit());
    String what = "cannot remove volume " + volume.name();
    try {
      for (String id : made(volume, deadline)) {
        if (keepsSnapshot(volume)) {
          awaitSnapshots(volume, id, deadline);
        }
        delete(what, id, deadline);
      }
    } catch (CloudException e) {
      throw EbsErrors.failed(what, e);
    }
  }

  /** After a failure to make it completely. What cannot be deleted is logged. */
  void discard(String id, RuntimeException cause) {
    try {
      delete("cannot discard " + id, id, Deadline.in(cloud.timings().shortLimit()));
    } catch (RuntimeException e) {
      LOG.warnf(e, "%s could not be deleted after it had failed", id);
      cause.addSuppressed(e);
    }
  }

  private List<String> made(Volume volume, Deadline deadline) {
    if (!(volume.state() instanceof VolumeState.Creating)) {
      return List.of(volume.made().ref().value());
    }
    return volume.options().find(BlockOptions.VOLUME_ID).isPresent()
        ? List.of()
        : cloud.view().volumesOf(volume.id(), deadline).stream().map(CloudVolume::id).toList();
  }

  private static boolean keepsSnapshot(Volume volume) {
    return volume
        .options()
        .find(CommonOptions.ON_REMOVE)
        .filter(OnRemove.SNAPSHOT::equals)
        .isPresent();
  }

  /** The volume is the only whole copy of its data until its snapshot is complete. */
  private void awaitSnapshots(Volume volume, String id, Deadline deadline) {
    EbsTimings.Pace pace = cloud.timings().pace();
    while (true) {
      List<CloudSnapshot> pending =
          cloud.ec2().describeSnapshots("volume-id", List.of(id), true, deadline).stream()
              .filter(snapshot -> snapshot.state().equals(CloudSnapshot.PENDING))
              .toList();
      if (pending.isEmpty()) {
        return;
      }
      if (deadline.passed()) {
        throw new VolumeException.Busy(
            "volume %s is deleted when its snapshot %s is complete, which is at %s; the same command again waits for it"
                .formatted(volume.name(), pending.getFirst().id(), pending.getFirst().progress()));
      }
      pace.pause(deadline);
    }
  }

  /** A volume that this host has just detached may count as attached for a moment. */
  private void delete(String what, String id, Deadline deadline) {
    EbsTimings.Pace pace = cloud.timings().pace();
    boolean justDetached = cloud.memory().isAway(id);
    while (!isDeleted(id, deadline)) {
      if (!justDetached) {
        Optional<CloudVolume> now = cloud.view().volume(id, deadline);
        if (now.map(CloudVolume::going).orElse(true)) {
          break;
        }
        refuseHeld(what, now.get());
      }
      justDetached = false;
      pace.pause(deadline);
    }
    cloud.memory().forget(id);
    cloud.devices().deleted(id);
    Progress.reached(EbsStep.VOLUME_DELETED);
  }

  /** Whether it is, or was; false if its state forbids it now, and there is time to try again. */
  private boolean isDeleted(String id, Deadline deadline) {
    try {
      cloud.ec2().deleteVolume(id, deadline);
      return true;
    } catch (CloudException e) {
      return switch (e.outcome()) {
        case ABSENT -> true;
        case IN_USE, WRONG_STATE -> {
          if (deadline.passed()) {
            throw e;
          }
          yield false;
        }
        default -> throw e;
      };
    }
  }

  /** What an instance has and is not about to let go of is not waited for. */
  private void refuseHeld(String what, CloudVolume volume) {
    Optional<Attachment> held =
        volume.held().filter(attachment -> !cloud.isBeingDetached(volume.id(), attachment));
    if (held.isPresent()) {
      throw new VolumeException.InUse(
          "%s: %s is attached to instance %s as %s; stop its containers there first"
              .formatted(what, volume.id(), held.get().instance(), held.get().device()));
    }
  }
}
