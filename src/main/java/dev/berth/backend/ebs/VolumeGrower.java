package dev.berth.backend.ebs;

import dev.berth.backend.ebs.EbsDevices.Disk;
import dev.berth.host.HostException;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;

/** Makes EBS volumes larger: EC2's side first, then the device's. */
final class VolumeGrower {
  private final Cloud cloud;

  VolumeGrower(Cloud cloud) {
    this.cloud = cloud;
  }

  /** To the size in the volume's options; as large already: EC2 is not asked to change anything. */
  void grow(Volume volume) {
    String id = volume.made().ref().value();
    int wanted = EbsOptionRules.gib(volume.options());
    Deadline deadline = Deadline.in(cloud.timings().longLimit());
    String what = "cannot grow volume %s (%s) to %d GiB".formatted(volume.name(), id, wanted);
    try {
      CloudVolume now = find(volume, id, deadline);
      if (now.sizeGiB() < wanted) {
        if (!isUnderWay(id, wanted, deadline)) {
          request(id, wanted, deadline);
        }
        awaitModified(what, volume, id, wanted, deadline);
      }
    } catch (CloudException e) {
      throw EbsErrors.failed(what, e);
    }
    Disk disk = new Disk(id, cloud.memory().device(id), wanted);
    if (cloud.devices().find(id, disk.name()).isPresent()
        && !cloud.devices().awaitSize(disk, deadline.left())) {
      throw new HostException.Unexpected(
          "EC2 has made it larger, but its device still has the old size");
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
        .filter(
            last -> last.targetGiB() >= wanted && !last.state().equals(CloudModification.FAILED))
        .isPresent();
  }

  private void request(String id, int wanted, Deadline deadline) {
    try {
      cloud.ec2().modifyVolume(id, wanted, deadline);
      Progress.reached(EbsStep.MODIFICATION_REQUESTED);
    } catch (CloudException e) {
      boolean maybe = e.outcome() == Outcome.UNCLEAR || e.outcome() == Outcome.MODIFIED_TOO_OFTEN;
      if (!maybe || !isUnderWay(id, wanted, deadline)) {
        throw e;
      }
    }
  }

  private void awaitModified(String what, Volume volume, String id, int wanted, Deadline deadline) {
    EbsTimings.Pace pace = cloud.timings().pace();
    while (true) {
      Optional<CloudModification> last = cloud.view().modification(id, deadline);
      if (last.filter(CloudModification::inEffect).isPresent()
          || find(volume, id, deadline).sizeGiB() >= wanted) {
        Progress.reached(EbsStep.VOLUME_MODIFIED);
        return;
      }
      if (last.filter(now -> now.state().equals(CloudModification.FAILED)).isPresent()) {
        throw new VolumeException.Failed(
            "%s: the change failed: %s".formatted(what, last.get().message()));
      }
      if (deadline.passed()) {
        throw new VolumeException.Busy(
            "%s yet: the change is %s; the same command waits for it"
                .formatted(what, last.map(CloudModification::state).orElse("not described yet")));
      }
      pace.pause(deadline);
    }
  }
}
