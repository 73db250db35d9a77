package dev.berth.backend.ebs;

import dev.berth.backend.ebs.Detacher.Attached;
import dev.berth.backend.ebs.device.EbsDevices.Disk;
import dev.berth.backend.ebs.ec2.Backoff;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Outcome;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.host.BlockDevice;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One attachment being made, from one of these states to the next, until the device is there:
 *
 * <ul>
 *   <li>free: EC2 is asked, under the next name that works;
 *   <li>attached to this instance, or about to be: the device is waited for. After 90 seconds of
 *       "attaching" the attachment is undone and asked for again;
 *   <li>being created or detached: waited for;
 *   <li>attached to another instance: see {@link AttachmentOwner}.
 * </ul>
 */
final class Attaching {
  private static final Logger LOG = Logger.getLogger(Attaching.class);

  private final EbsContext cloud;
  private final Volume volume;
  private final String id;
  private final Deadline deadline;
  private final AttachmentOwner holders;
  private final Backoff backoff;
  private boolean namesAsked;
  private boolean free;
  private String shown = "not asked for yet";

  Attaching(EbsContext cloud, Volume volume, Deadline deadline) {
    this.cloud = cloud;
    this.volume = volume;
    this.deadline = deadline;
    id = volume.made().ref().value();
    holders = new AttachmentOwner(cloud, volume, id, deadline);
    backoff = cloud.timings().backoff();
  }

  /**
   * @param lookFirst whether there may be an attachment already
   */
  BlockDevice run(boolean lookFirst) {
    try {
      Optional<BlockDevice> device = attach(lookFirst);
      if (device.isPresent()) {
        return device.get();
      }
    } catch (CloudException e) {
      if (!Poll.isOver(e, deadline)) {
        throw e;
      }
    }
    throw new VolumeException.Failed(
        "volume %s (%s) did not come to instance %s within %d s; EC2 says it is %s. Nothing is lost: mount it again"
            .formatted(
                volume.name(), id, cloud.here(), cloud.timings().longLimit().toSeconds(), shown));
  }

  private Optional<BlockDevice> attach(boolean lookFirst) {
    boolean look = lookFirst;
    while (!deadline.passed()) {
      Optional<Attachment> here = look ? look() : request();
      if (look && here.isEmpty()) {
        here = free ? request() : Optional.empty();
      }
      Optional<BlockDevice> device = here.flatMap(this::awaitDevice);
      if (device.isPresent()) {
        return device;
      }
      look = true;
    }
    return Optional.empty();
  }

  /** The attachment to this instance, if it has one and keeps it; else {@link #shown} says more. */
  private Optional<Attachment> look() {
    CloudVolume now = cloud.view().volume(id, deadline).orElseThrow(() -> Attacher.gone(volume));
    holders.refuseUnusable(now);
    Optional<Attachment> held = now.held();
    free = held.isEmpty() && now.state() == CloudVolume.State.AVAILABLE;
    shown = held.map(this::words).orElse(now.state().toString());
    if (held.isEmpty()) {
      if (!free) {
        backoff.pause(deadline);
      }
      return Optional.empty();
    }
    if (!held.get().instance().equals(cloud.here())) {
      cloud.memory().away(id);
      holders.awaitRelease(held.get());
      return Optional.empty();
    }
    cloud.memory().unsure(id, held.get().device());
    if (held.get().ending()) {
      backoff.pause(deadline);
      return Optional.empty();
    }
    return held;
  }

  private String words(Attachment attachment) {
    return "%s to %s as %s"
        .formatted(attachment.state(), attachment.instance(), attachment.device());
  }

  /** Asks EC2; empty if that did not work and the volume has to be looked at. */
  private Optional<Attachment> request() {
    if (cloud.emulated()) {
      askForNames();
    }
    String name =
        cloud
            .names()
            .reserve(id)
            .orElseThrow(
                () ->
                    new VolumeException.Failed(
                        "volume %s: instance %s has no device name left for it"
                            .formatted(volume.name(), cloud.here())));
    cloud.memory().unsure(id, name);
    try {
      cloud.ec2().attachVolume(id, cloud.here(), name, deadline);
      Progress.reached(EbsStep.ATTACH_REQUESTED);
      shown = "attaching as " + name;
      return Optional.of(new Attachment(cloud.here(), name, Attachment.Phase.ATTACHING));
    } catch (CloudException e) {
      refused(name, e);
      return Optional.empty();
    }
  }

  private void refused(String name, CloudException failure) {
    if (failure.outcome() == Outcome.UNCLEAR) {
      return;
    }
    if (failure.outcome() == Outcome.NAME_TAKEN) {
      cloud.names().avoid(name);
      askForNames();
      return;
    }
    cloud.names().release(name);
    switch (failure.outcome()) {
      case IN_USE, WRONG_STATE -> {}
      case ABSENT -> throw absent(failure);
      case OTHER_ZONE -> {
        cloud.memory().away(id);
        throw holders.otherZone(
            cloud.view().volume(id, deadline).map(CloudVolume::zone).orElse("another zone"));
      }
      case ATTACHMENT_LIMIT -> {
        cloud.memory().away(id);
        AttachLimit limit = new AttachLimit(cloud);
        if (deadline.passed() || !limit.passes(deadline)) {
          throw limit.exceeded(volume, failure, deadline);
        }
        backoff.pause(deadline);
      }
      default -> {
        cloud.memory().away(id);
        throw failure;
      }
    }
  }

  private VolumeException absent(CloudException failure) {
    return failure.code().startsWith("InvalidInstanceID")
        ? new VolumeException.Failed(
            "volume %s: EC2 knows no instance %s in this region; check berth.host-id and berth.ebs.region"
                .formatted(volume.name(), cloud.here()),
            failure)
        : Attacher.gone(volume);
  }

  /**
   * One name that is taken is seldom the only one. Emulated clouds do not refuse such a name; two
   * volumes that share it can no longer be detached.
   */
  private void askForNames() {
    if (!namesAsked) {
      namesAsked = true;
      cloud
          .view()
          .instance(cloud.here(), deadline)
          .ifPresent(instance -> cloud.names().taken(instance.devices()));
    }
  }

  private Optional<BlockDevice> awaitDevice(Attachment attachment) {
    Disk disk =
        new Disk(id, Optional.of(attachment.device()), EbsOptionRules.gib(volume.options()));
    Deadline stuck = Deadline.in(cloud.timings().stuck());
    Attachment now = attachment;
    while (true) {
      Optional<BlockDevice> device =
          cloud.devices().await(disk, deadline.orIn(cloud.timings().deviceLook()).left());
      if (device.isPresent()) {
        return Optional.of(arrived(device.get(), disk));
      }
      if (deadline.passed()) {
        return Optional.empty();
      }
      Optional<Attachment> seen = look();
      if (seen.isEmpty()) {
        return Optional.empty();
      }
      now = seen.get();
      if (stuck.passed() && now.state() == Attachment.Phase.ATTACHING) {
        undoStuck(now);
        return Optional.empty();
      }
    }
  }

  private BlockDevice arrived(BlockDevice device, Disk disk) {
    Progress.reached(EbsStep.DEVICE_APPEARED);
    cloud.devices().prove(device, disk);
    String name = disk.name().orElseThrow();
    cloud.memory().here(id, name);
    cloud.names().confirm(id, name);
    return device;
  }

  private void undoStuck(Attachment attachment) {
    LOG.warnf(
        "volume %s (%s): attaching it as %s hangs; it is undone and tried again under another name",
        volume.name(), id, attachment.device());
    cloud.names().avoid(attachment.device());
    if (Detacher.agrees(
        cloud.ec2(), id, new Attached(cloud.here(), attachment.device()), deadline)) {
      Progress.reached(EbsStep.STUCK_ATTACHMENT_UNDONE);
    }
  }
}
