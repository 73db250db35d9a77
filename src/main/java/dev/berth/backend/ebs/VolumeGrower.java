package dev.berth.backend.ebs;

import dev.berth.backend.ebs.device.EbsDevices.Disk;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudModification;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Outcome;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;

/** Makes EBS volumes larger: EC2's side first, then the device's. */
final class VolumeGrower {
  private final EbsContext cloud;

  VolumeGrower(EbsContext cloud) {
    this.cloud = cloud;
  }

  /** To the size in the volume's options; as large already: EC2 is not asked to change anything. */
  void grow(Volume volume) {
    String id = volume.made().ref().value();
    int wanted = EbsOptionRules.gib(volume.options());
    Deadline deadline = cloud.longDeadline();
    String what = "cannot grow volume %s (%s) to %d GiB".formatted(volume.name(), id, wanted);
    if (asked(what, volume, id, wanted, deadline)) {
      try {
        awaitModified(what, volume, id, wanted, deadline);
      } catch (CloudException e) {
        throw EbsErrors.unknown(what, e);
      }
    }
    Disk disk = new Disk(id, cloud.memory().device(id), wanted);
    if (cloud.devices().find(id, disk.name()).isPresent()
        && !cloud.devices().awaitSize(disk, deadline.left())) {
      throw new VolumeException.Busy(
          "%s yet: EC2 has made it larger, but its device on instance %s still has the old size; the same command waits for it"
              .formatted(what, cloud.here()));
    }
  }

  /** Whether EC2 has been asked; false if it is as large already. */
  private boolean asked(String what, Volume volume, String id, int wanted, Deadline deadline) {
    try {
      if (find(volume, id, deadline).sizeGiB() >= wanted) {
        return false;
      }
      if (!isUnderWay(id, wanted, deadline)) {
        request(id, wanted, deadline);
      }
      return true;
    } catch (CloudException e) {
      throw EbsErrors.failed(what, e);
    }
  }

  private CloudVolume find(Volume volume, String id, Deadline deadline) {
    return cloud.view().volume(id, deadline).orElseThrow(() -> Attacher.gone(volume));
  }

  /** A change that an earlier call asked for, or one that was not heard of, counts as this one. */
  private boolean isUnderWay(String id, int wanted, Deadline deadline) {
    return cloud
        .view()
        .modification(id, deadline)
        .filter(last -> last.targetGiB() >= wanted && !last.failed())
        .isPresent();
  }

  private void request(String id, int wanted, Deadline deadline) {
    try {
      cloud.ec2().modifyVolume(id, wanted, deadline);
      Progress.reached(EbsStep.MODIFICATION_REQUESTED);
    } catch (CloudException e) {
      boolean maybe = e.outcome() == Outcome.UNCLEAR || e.outcome() == Outcome.MODIFIED_TOO_OFTEN;
      if (!maybe || !wasAsked(id, wanted, e, deadline)) {
        throw e;
      }
    }
  }

  private boolean wasAsked(String id, int wanted, CloudException cause, Deadline deadline) {
    try {
      return isUnderWay(id, wanted, deadline);
    } catch (CloudException e) {
      cause.addSuppressed(e);
      return false;
    }
  }

  private void awaitModified(String what, Volume volume, String id, int wanted, Deadline deadline) {
    Poll.<String>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          Optional<CloudModification> last = cloud.view().modification(id, deadline);
          if (last.filter(CloudModification::inEffect).isPresent()
              || find(volume, id, deadline).sizeGiB() >= wanted) {
            return Optional.empty();
          }
          if (last.filter(CloudModification::failed).isPresent()) {
            throw new VolumeException.Failed(
                "%s: the change failed: %s".formatted(what, last.get().message()));
          }
          return Optional.of(
              last.map(CloudModification::state).map(Object::toString).orElse("not described yet"));
        },
        last ->
            new VolumeException.Busy(
                "%s yet: the change is %s; the same command waits for it"
                    .formatted(what, last.orElse("asked for"))));
    Progress.reached(EbsStep.VOLUME_MODIFIED);
  }
}
