package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Devices;
import dev.berth.ec2sim.query.Ec2Error;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshots: {@code pending}, {@code completed} or {@code error}, gone. The bytes are those at the
 * moment of the call.
 */
final class Snapshots {
  private final World world;
  private final Devices devices;

  Snapshots(World world, Devices devices) {
    this.world = world;
    this.devices = devices;
  }

  Snapshot require(String id) {
    return Ids.SNAPSHOT.require(world.snapshots, id);
  }

  /** Refuses one of a volume that is not ready, or one too many. */
  void check(Volume volume) {
    if (volume.state() != Volume.State.AVAILABLE) {
      throw new Ec2Error(
          "IncorrectState",
          "Volume '%s' is in the '%s' state.".formatted(volume.id(), volume.status()));
    }
    if (world.snapshots.all().count() >= world.settings.of(Limit.SNAPSHOTS)) {
      throw new Ec2Error(
          "SnapshotLimitExceeded", "You have exceeded the limit of snapshots of the account");
    }
    long pending =
        world
            .snapshots
            .all()
            .filter(other -> other.volumeId().equals(volume.id()) && other.pending())
            .count();
    if (pending >= world.settings.of(Limit.PENDING_SNAPSHOTS_PER_VOLUME)) {
      throw new Ec2Error(
          "ConcurrentSnapshotLimitExceeded",
          "Maximum allowed in-progress snapshots for a single volume exceeded.");
    }
  }

  Snapshot create(Volume volume, Optional<String> description, Map<String, String> tags) {
    Snapshot made =
        new Snapshot(
            World.newId("snap"),
            volume.id(),
            volume.spec().size(),
            false,
            false,
            world.now(),
            description,
            volume.spec().encrypted(),
            volume.spec().kmsKeyId(),
            Map.copyOf(tags));
    devices.copy(volume.id(), made.id(), volume.spec().bytes());
    world.snapshots.put(made.id(), made);
    world.history.add(History.Kind.SNAPSHOT_STARTED, made.id(), volume.id());
    world.later(Delay.SNAPSHOT, () -> complete(made.id()));
    return made;
  }

  private void complete(String id) {
    world.snapshots.find(id).ifPresent(found -> world.snapshots.put(id, found.done()));
  }

  void delete(Snapshot snapshot) {
    world.snapshots.remove(snapshot.id());
    world.history.add(History.Kind.SNAPSHOT_DELETED, snapshot.id(), snapshot.volumeId());
    devices.delete(snapshot.id());
  }
}
