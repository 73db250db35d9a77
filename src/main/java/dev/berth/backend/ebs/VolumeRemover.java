package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudSnapshot;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Deletes EBS volumes. */
final class VolumeRemover {
  private static final Logger LOG = Logger.getLogger(VolumeRemover.class);
  private final EbsContext cloud;

  VolumeRemover(EbsContext cloud) {
    this.cloud = cloud;
  }

  /**
   * Deletes the volume's EBS volume; of one that was never made completely, whatever there is by
   * Berth's tags. One that was only to be adopted stays, and so does one that was adopted, unless
   * the configuration allows to delete such.
   */
  void remove(Volume volume) {
    if (isAdopted(volume) && !cloud.deleteAdopted()) {
      LOG.warnf(
          "volume %s is removed, and its EBS volume %s stays: Berth did not make it, and berth.ebs.delete-adopted is not set",
          volume.name(), volume.options().require(BlockOptions.VOLUME_ID));
      return;
    }
    Deadline deadline = cloud.shortDeadline();
    String what = "cannot remove volume " + volume.name();
    try {
      for (String id : made(volume, deadline)) {
        if (keepsSnapshot(volume)) {
          awaitSnapshot(volume, deadline);
        }
        delete(what, id, deadline);
      }
    } catch (CloudException e) {
      throw EbsErrors.failed(what, e);
    }
  }

  /**
   * The volume's EBS volume is to stay, and to be Berth's no longer: without the tag that names its
   * owner it can be adopted. It is no failure of the removal if EC2 does not allow that; then
   * whoever adopts it has to take the tag away.
   */
  void giveUp(Volume volume) {
    if (isAdopted(volume)) {
      return;
    }
    String id = volume.made().ref().value();
    try {
      cloud.ec2().deleteTag(id, EbsTags.VOLUME_ID, Deadline.in(cloud.timings().shortLimit()));
    } catch (CloudException e) {
      LOG.warnf(
          "volume %s is removed and %s stays, with its tag %s, which EC2 did not let go (%s): it can be adopted after 'aws ec2 delete-tags --resources %s --tags Key=%s'",
          volume.name(), id, EbsTags.VOLUME_ID, e.getMessage(), id, EbsTags.VOLUME_ID);
    }
  }

  private static boolean isAdopted(Volume volume) {
    return volume.options().find(BlockOptions.VOLUME_ID).isPresent();
  }

  /** After a failure to make it completely. What cannot be deleted is logged. */
  void discard(String id, RuntimeException cause) {
    try {
      delete("cannot discard " + id, id, cloud.shortDeadline());
    } catch (RuntimeException e) {
      LOG.warnf(e, "%s could not be deleted after it had failed", id);
      cause.addSuppressed(e);
    }
  }

  private List<String> made(Volume volume, Deadline deadline) {
    if (!(volume.state() instanceof VolumeState.Creating)) {
      return List.of(volume.made().ref().value());
    }
    return isAdopted(volume)
        ? List.of()
        : cloud.view().volumesOf(volume.id(), deadline).stream().map(CloudVolume::id).toList();
  }

  /** As the life cycle does: nothing is taken of a volume that never had a filesystem. */
  private static boolean keepsSnapshot(Volume volume) {
    if (volume.state() instanceof VolumeState.Creating
        || volume.made().content() instanceof Content.Blank
        || volume.made().content() instanceof Content.Formatting) {
      return false;
    }
    return volume
        .options()
        .find(CommonOptions.ON_REMOVE)
        .filter(OnRemove.SNAPSHOT::equals)
        .isPresent();
  }

  /**
   * The volume is the only whole copy of its data until its last snapshot is seen to be complete;
   * one that descriptions do not show, or not yet, proves nothing.
   */
  private void awaitSnapshot(Volume volume, Deadline deadline) {
    Poll.<String>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          Optional<CloudSnapshot> last = lastSnapshot(volume, deadline);
          return last.filter(CloudSnapshot::complete).isPresent()
              ? Optional.empty()
              : Optional.of(
                  last.map(
                          now ->
                              "%s is complete, which is at %s".formatted(now.id(), now.progress()))
                      .orElse("is complete, which EC2 does not show yet"));
        },
        last ->
            new VolumeException.InProgress(
                "volume %s is deleted when its snapshot %s; the same command again waits for it"
                    .formatted(volume.name(), last.orElse("is complete"))));
  }

  /** The best there is of it, broken ones refused: a repeated removal takes another. */
  private Optional<CloudSnapshot> lastSnapshot(Volume volume, Deadline deadline) {
    List<CloudSnapshot> taken =
        cloud
            .ec2()
            .describeSnapshots(
                "tag:" + EbsTags.TAKING, List.of(EbsTags.lastTaking(volume)), true, deadline);
    Optional<CloudSnapshot> good =
        taken.stream()
            .filter(CloudSnapshot::good)
            .max(Comparator.comparing(CloudSnapshot::complete));
    if (good.isEmpty() && !taken.isEmpty()) {
      CloudSnapshot broken = taken.getFirst();
      throw new VolumeException.Failed(
          "volume %s (%s) is not deleted: EC2 could not complete its snapshot %s, which is in the state %s (%s), and the volume is the only copy of its data. 'docker volume rm %s' takes another snapshot; delete the broken one"
              .formatted(
                  volume.name(),
                  volume.made().ref(),
                  broken.id(),
                  broken.state(),
                  broken.message().isEmpty() ? "EC2 says no more" : broken.message(),
                  volume.name()));
    }
    return good;
  }

  /** A volume that this host has just detached may count as attached for a moment. */
  private void delete(String what, String id, Deadline deadline) {
    AtomicBoolean justDetached = new AtomicBoolean(cloud.memory().isAway(id));
    Poll.<CloudException>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          Optional<CloudException> refused = refused(what, id, deadline);
          if (refused.isEmpty() || justDetached.getAndSet(false)) {
            return refused;
          }
          Optional<CloudVolume> now = cloud.view().volume(id, deadline);
          if (now.map(CloudVolume::going).orElse(true)) {
            return Optional.empty();
          }
          refuseHeld(what, now.get());
          return refused;
        },
        last -> late(what, last));
    cloud.memory().forget(id);
    cloud.devices().deleted(id);
    Progress.reached(EbsStep.VOLUME_DELETED);
  }

  private static VolumeException late(String what, Optional<CloudException> refusal) {
    return refusal
        .map(failure -> EbsErrors.failed(what, failure))
        .orElseGet(() -> new VolumeException.Busy(what + " yet; the same command goes on"));
  }

  /** Why its state forbids it now; empty if it is deleted, or was. */
  private Optional<CloudException> refused(String what, String id, Deadline deadline) {
    try {
      cloud.ec2().deleteVolume(id, deadline);
      return Optional.empty();
    } catch (CloudException e) {
      return switch (e.outcome()) {
        case ABSENT -> Optional.empty();
        case IN_USE, WRONG_STATE -> Optional.of(e);
        case UNCLEAR -> throw EbsErrors.unknown(what, e);
        default -> {
          if (!isGone(id, e, deadline)) {
            throw e;
          }
          yield Optional.empty();
        }
      };
    }
  }

  /**
   * EC2 said no; but that may be to a repeated request, of which the first, whose answer was lost,
   * did it.
   */
  private boolean isGone(String id, CloudException refusal, Deadline deadline) {
    try {
      return cloud.view().volume(id, deadline).map(CloudVolume::going).orElse(true);
    } catch (CloudException e) {
      refusal.addSuppressed(e);
      return false;
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
