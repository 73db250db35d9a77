package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Ec2Calls;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Detaches EBS volumes from this instance, never by force, and never while anything on it uses
 * them, be it Berth or not. EC2 is not asked about a volume that certainly is not here.
 */
final class Detacher {
  /** The kernel lets go of a filesystem a moment after its last namespace has ended. */
  private static final Duration LETTING_GO = Duration.ofSeconds(2);

  private final EbsContext cloud;

  Detacher(EbsContext cloud) {
    this.cloud = cloud;
  }

  void detach(Volume volume) {
    String id = volume.made().ref().value();
    Optional<BlockDevice> device = cloud.devices().find(id, cloud.memory().device(id));
    if (device.isEmpty() && cloud.memory().isAway(id)) {
      return;
    }
    device.ifPresent(Detacher::refuseMounted);
    device.ifPresent(here -> refuseClaimed(volume, id, here));
    try {
      detach(volume, id, device, cloud.shortDeadline());
    } catch (CloudException e) {
      throw EbsErrors.failed(
          "cannot detach volume %s (%s) from instance %s"
              .formatted(volume.name(), id, cloud.here()),
          e);
    }
  }

  private static void refuseMounted(BlockDevice device) {
    List<MountEntry> mounts = MountTable.own().of(device.path());
    if (!mounts.isEmpty()) {
      throw new HostException.Unexpected(
          "%s is still mounted at %s".formatted(device.path(), mounts.getFirst().mountpoint()));
    }
  }

  /** Berth's own mount is gone by now, so whoever has the device still is somebody else. */
  private void refuseClaimed(Volume volume, String id, BlockDevice device) {
    Poll.until(
        Deadline.in(LETTING_GO),
        cloud.timings().backoff(),
        () -> Optional.of(device.path()).filter(path -> device.claimed()),
        last ->
            new VolumeException.InUse(
                "volume %s (%s) stays attached to instance %s: something there that is not Berth uses its device %s, be it a mount of it or of a partition in any namespace, swap, LVM or RAID. 'lsblk %s' and 'grep %s /proc/*/mountinfo' show what; end that, then try again"
                    .formatted(
                        volume.name(),
                        id,
                        cloud.here(),
                        device.path(),
                        device.path(),
                        device.path())));
  }

  private void detach(Volume volume, String id, Optional<BlockDevice> device, Deadline deadline) {
    Optional<String> name =
        cloud.memory().device(id).or(() -> attachment(id, deadline).map(Attachment::device));
    if (device.isPresent()) {
      cloud.devices().release(device.get());
      Progress.reached(EbsStep.DEVICE_RELEASED);
    }
    if (name.isPresent()) {
      cloud.memory().unsure(id, name.get());
      awaitGone(volume, id, name.get(), device.isPresent(), deadline);
      cloud.names().release(name.get());
    }
    cloud.memory().away(id);
    Progress.reached(EbsStep.DEVICE_GONE);
  }

  private Optional<Attachment> attachment(String id, Deadline deadline) {
    return cloud.view().volume(id, deadline).flatMap(now -> now.attachedTo(cloud.here()));
  }

  /**
   * Asks for the end of the attachment until it has ended. A device that was here and went, after
   * EC2 had agreed, is enough; else EC2 has to say that the volume is not attached here.
   */
  private void awaitGone(
      Volume volume, String id, String name, boolean wasHere, Deadline deadline) {
    AtomicBoolean agreed = new AtomicBoolean();
    AtomicBoolean ask = new AtomicBoolean(true);
    Poll.<Left>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          if (ask.get() && request(id, name, deadline)) {
            agreed.set(true);
          }
          Duration wait =
              agreed.get() ? deadline.orIn(cloud.timings().deviceLook()).left() : Duration.ZERO;
          boolean gone = cloud.devices().awaitGone(id, Optional.of(name), wait);
          if (gone && wasHere && agreed.get()) {
            return Optional.empty();
          }
          Optional<Attachment> left = attachment(id, deadline);
          ask.set(left.filter(now -> now.state() == Attachment.Phase.ATTACHED).isPresent());
          return gone && left.isEmpty() ? Optional.empty() : Optional.of(new Left(left));
        },
        last -> stays(volume, id, last));
  }

  /** What EC2 says there is of the attachment while it is waited for. */
  private record Left(Optional<Attachment> attachment) {
    @Override
    public String toString() {
      return attachment
          .map(now -> "EC2 says it is %s as %s".formatted(now.state(), now.device()))
          .orElse("EC2 says it is detached, but its device is still there");
    }
  }

  private boolean request(String id, String name, Deadline deadline) {
    boolean agreed = agrees(cloud.ec2(), id, new Attached(cloud.here(), name), deadline);
    if (agreed) {
      Progress.reached(EbsStep.DETACH_REQUESTED);
    }
    return agreed;
  }

  /** An attachment, as EC2 wants it told. */
  record Attached(String instance, String device) {}

  /**
   * Asks EC2 to end an attachment. Whether it has agreed; if not, the volume was not attached so,
   * or that has to be seen.
   */
  static boolean agrees(Ec2Calls ec2, String id, Attached attached, Deadline deadline) {
    try {
      ec2.detachVolume(id, attached.instance(), attached.device(), deadline);
      return true;
    } catch (CloudException e) {
      return switch (e.outcome()) {
        case NOT_ATTACHED, WRONG_STATE, ABSENT, UNCLEAR -> false;
        default -> throw e;
      };
    }
  }

  private VolumeException.Failed stays(Volume volume, String id, Optional<Left> left) {
    return new VolumeException.Failed(
        "volume %s (%s) is unmounted, but it does not leave instance %s: %s. The same command waits again; if it stays so, something on the instance has the device open"
            .formatted(
                volume.name(),
                id,
                cloud.here(),
                left.map(Left::toString).orElse("its device is still there")));
  }
}
