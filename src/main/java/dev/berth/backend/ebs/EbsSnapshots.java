package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.backend.ebs.ec2.Backoff;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudSnapshot;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Outcome;
import dev.berth.volume.ByteSize;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Progress;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeId;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * EBS snapshots. One is good from the moment EC2 has accepted it, so a frozen filesystem can go on
 * then; until it is complete it lives off its volume.
 */
final class EbsSnapshots implements BlockSnapshots {
  private static final Logger LOG = Logger.getLogger(EbsSnapshots.class);
  private static final int LOOKS = 3;

  private final EbsContext cloud;

  EbsSnapshots(EbsContext cloud) {
    this.cloud = cloud;
  }

  @Override
  public Snapshot take(Volume volume, Optional<FilesystemType> type) {
    return take(volume, type, VolumeId.random().value(), cloud.shortDeadline());
  }

  @Override
  public Snapshot takeLast(Volume volume, Optional<FilesystemType> type) {
    Deadline deadline = cloud.shortDeadline();
    String taking = EbsTags.lastTaking(volume);
    Optional<CloudSnapshot> taken;
    try {
      taken = mayExist(volume) ? lookLong(taking, deadline) : Optional.empty();
    } catch (CloudException e) {
      throw EbsErrors.failed(
          "cannot look for the last snapshot of volume %s (%s)"
              .formatted(volume.name(), volume.made().ref()),
          e);
    }
    return taken
        .map(snapshot -> completed(volume, snapshot))
        .orElseGet(() -> take(volume, type, taking, deadline));
  }

  private static boolean mayExist(Volume volume) {
    return !(volume.state() instanceof VolumeState.Deleting deleting) || deleting.resumed() > 0;
  }

  /** One that an earlier try has just asked for may be missing from EC2's descriptions. */
  private Optional<CloudSnapshot> lookLong(String taking, Deadline deadline) {
    Deadline visible = deadline.orIn(cloud.timings().unseen());
    Backoff backoff = cloud.timings().backoff();
    Optional<CloudSnapshot> found = taken(taking, deadline);
    while (found.isEmpty() && !visible.passed()) {
      backoff.pause(visible);
      found = taken(taking, deadline);
    }
    return found;
  }

  private Snapshot take(
      Volume volume, Optional<FilesystemType> type, String taking, Deadline deadline) {
    return completed(volume, request(volume, volume.made().ref().value(), type, taking, deadline));
  }

  private Snapshot completed(Volume volume, CloudSnapshot made) {
    cloud.devices().copied(volume.made().ref().value(), made.id());
    Progress.reached(EbsStep.IMAGE_COPIED);
    return snapshot(made);
  }

  private CloudSnapshot request(
      Volume volume, String id, Optional<FilesystemType> type, String taking, Deadline deadline) {
    try {
      CloudSnapshot made =
          cloud
              .ec2()
              .createSnapshot(
                  id,
                  "Berth volume " + volume.name(),
                  EbsTags.ofSnapshot(volume, type, taking),
                  deadline);
      Progress.reached(EbsStep.SNAPSHOT_REQUESTED);
      return made;
    } catch (CloudException e) {
      String what = "cannot take a snapshot of volume %s (%s)".formatted(volume.name(), id);
      if (e.outcome() != Outcome.UNCLEAR) {
        throw EbsErrors.failed(what, e);
      }
      return find(taking, deadline)
          .orElseThrow(
              () ->
                  new VolumeException.UnknownOutcome(
                      "%s: %s gave no answer (%s); if there is one after all, 'berth snapshot ls' shows it"
                          .formatted(what, e.call(), e.getMessage()),
                      e));
    }
  }

  /** EC2 knows no token for snapshots, but their tags. */
  private Optional<CloudSnapshot> find(String taking, Deadline deadline) {
    Backoff backoff = cloud.timings().backoff();
    for (int look = 0; look < LOOKS; look++) {
      backoff.pause(deadline);
      try {
        Optional<CloudSnapshot> found = taken(taking, deadline);
        if (found.isPresent()) {
          return found;
        }
      } catch (CloudException e) {
        LOG.debugf(e, "looking again");
      }
    }
    return Optional.empty();
  }

  private Optional<CloudSnapshot> taken(String taking, Deadline deadline) {
    return cloud
        .ec2()
        .describeSnapshots("tag:" + EbsTags.TAKING, List.of(taking), true, deadline)
        .stream()
        .filter(CloudSnapshot::good)
        .min(Comparator.comparing(CloudSnapshot::started).thenComparing(CloudSnapshot::id));
  }

  /** Those of this account in this region; none where there is no EC2, or no way to it. */
  @Override
  public List<Snapshot> list() {
    if (!cloud.instance().plausible()) {
      return List.of();
    }
    try {
      return cloud
          .ec2()
          .describeSnapshots("tag-key", List.of(EbsTags.VOLUME), true, cloud.shortDeadline())
          .stream()
          .filter(CloudSnapshot::good)
          .sorted(Comparator.comparing(CloudSnapshot::started).thenComparing(CloudSnapshot::id))
          .map(EbsSnapshots::snapshot)
          .toList();
    } catch (CloudException e) {
      if (e.noCredentials()) {
        LOG.warnf("EBS snapshots are not listed: %s", e.getMessage());
        return List.of();
      }
      throw EbsErrors.failed("cannot list the EBS snapshots", e);
    }
  }

  @Override
  public Optional<Snapshot> find(String id) {
    try {
      return cloud
          .view()
          .snapshot(id, cloud.shortDeadline())
          .filter(CloudSnapshot::good)
          .map(EbsSnapshots::snapshot);
    } catch (CloudException e) {
      throw EbsErrors.failed("cannot look at the snapshot " + id, e);
    }
  }

  @Override
  public void remove(String id) {
    try {
      cloud.ec2().deleteSnapshot(id, cloud.shortDeadline());
    } catch (CloudException e) {
      if (e.outcome() != Outcome.ABSENT) {
        throw EbsErrors.failed("cannot delete the snapshot " + id, e);
      }
    }
    cloud.devices().deleted(id);
    Progress.reached(EbsStep.CLOUD_SNAPSHOT_DELETED);
  }

  /** One that somebody else took has no name of ours: it has its volume's id instead. */
  private static Snapshot snapshot(CloudSnapshot snapshot) {
    String name = snapshot.tags().getOrDefault(EbsTags.VOLUME, snapshot.volume());
    return new Snapshot(
        snapshot.id(),
        volumeName(name.isEmpty() ? snapshot.id() : name),
        EbsStore.NAME,
        EbsTags.filesystem(snapshot),
        ByteSize.ofGiB(snapshot.sizeGiB()),
        snapshot.started());
  }

  private static VolumeName volumeName(String text) {
    try {
      return new VolumeName(text);
    } catch (VolumeException.Invalid e) {
      return new VolumeName("unknown");
    }
  }
}
