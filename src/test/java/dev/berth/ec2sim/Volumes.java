package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Devices;
import dev.berth.ec2sim.query.Ec2Error;
import java.util.Map;
import java.util.Optional;

/**
 * Volumes: {@code creating}, {@code available} (in use while attached), {@code deleting}, gone. All
 * methods want the lock of the world.
 */
final class Volumes {
  /** Where the bytes of a new volume come from. */
  record Origin(Optional<String> snapshotId, Optional<String> sourceVolumeId) {
    static final Origin NONE = new Origin(Optional.empty(), Optional.empty());

    Optional<String> id() {
      return snapshotId.or(() -> sourceVolumeId);
    }
  }

  private final World world;
  private final Devices devices;
  private final KmsKeys keys;

  Volumes(World world, Devices devices, KmsKeys keys) {
    this.world = world;
    this.devices = devices;
    this.keys = keys;
  }

  Volume require(String id) {
    return Ids.VOLUME.require(world.volumes, id);
  }

  /** False also while it is being deleted. */
  boolean exists(String id) {
    return world.volumes.find(id).filter(v -> v.state() != Volume.State.DELETING).isPresent();
  }

  /** Refuses what would go beyond the quotas of the account. */
  void checkRoom(VolumeSpec spec) {
    int limit = world.settings.of(Limit.VOLUMES);
    if (world.volumes.all().count() >= limit) {
      throw new Ec2Error(
          "VolumeLimitExceeded", "You have exceeded your maximum volume limit of " + limit);
    }
    if (provisioned(spec) > 0) {
      checkIops(provisioned(spec));
    }
  }

  /** Refuses {@code more} provisioned IOPS than the account has left. */
  void checkIops(int more) {
    int used =
        world.volumes.all().mapToInt(volume -> provisioned(volume.spec())).reduce(0, Integer::sum);
    if (used + more > world.settings.of(Limit.IOPS)) {
      throw new Ec2Error(
          "MaxIOPSLimitExceeded",
          "You have exceeded your maximum IOPS limit of " + world.settings.of(Limit.IOPS));
    }
  }

  private static int provisioned(VolumeSpec spec) {
    boolean counts = spec.type() == VolumeType.IO1 || spec.type() == VolumeType.IO2;
    return counts ? spec.iops().orElse(0) : 0;
  }

  /** Makes one. With a key that cannot be used it gets an id and never comes to be. */
  Volume create(VolumeSpec spec, Origin origin, Optional<Integer> rate, Map<String, String> tags) {
    Volume volume =
        new Volume(
            World.newId("vol"),
            spec,
            Volume.State.CREATING,
            world.now(),
            origin.snapshotId(),
            origin.sourceVolumeId(),
            rate,
            Map.copyOf(tags),
            Optional.empty());
    if (spec.kmsKeyId().filter(key -> !keys.usable(key)).isPresent()) {
      world.history.add(History.Kind.GHOST, volume.id(), spec.kmsKeyId().orElseThrow());
      return volume;
    }
    Optional.ofNullable(tags.get("Name")).ifPresent(name -> devices.name(volume.id(), name));
    origin
        .id()
        .ifPresentOrElse(
            source -> devices.copy(source, volume.id(), spec.bytes()),
            () -> devices.create(volume.id(), spec.bytes()));
    world.volumes.put(volume.id(), volume);
    world.history.add(History.Kind.CREATED, volume.id(), origin.id().orElse(""));
    world.later(Delay.CREATE, () -> becomeAvailable(volume.id()));
    return volume;
  }

  private void becomeAvailable(String id) {
    world
        .volumes
        .find(id)
        .filter(volume -> volume.state() == Volume.State.CREATING)
        .ifPresent(volume -> world.volumes.put(id, volume.in(Volume.State.AVAILABLE)));
  }

  void checkDeletable(Volume volume) {
    volume
        .attachment()
        .ifPresent(
            attachment -> {
              throw new Ec2Error(
                  "VolumeInUse",
                  "Volume %s is currently attached to %s"
                      .formatted(volume.id(), attachment.instanceId()));
            });
    if (volume.state() == Volume.State.CREATING) {
      throw new Ec2Error(
          "IncorrectState", "The volume '%s' is in the 'creating' state.".formatted(volume.id()));
    }
    if (volume.state() == Volume.State.DELETING) {
      throw Ids.VOLUME.notFound(volume.id());
    }
  }

  void delete(Volume volume) {
    world.volumes.put(volume.id(), volume.in(Volume.State.DELETING));
    world.history.add(History.Kind.DELETED, volume.id(), "");
    devices.delete(volume.id());
    world.later(Delay.DELETE, () -> world.volumes.remove(volume.id()));
  }
}
