package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Devices;
import dev.berth.ec2sim.query.Ec2Error;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Modifications: {@code modifying}, then {@code optimizing} with the new values in force, then
 * {@code completed}. One at a time for a volume, and a number of them in 24 hours.
 */
final class Modifications {
  private static final Duration DAY = Duration.ofHours(24);

  private final World world;
  private final Devices devices;

  Modifications(World world, Devices devices) {
    this.world = world;
    this.devices = devices;
  }

  /** Refuses one that the volume is not ready for. */
  void check(Volume volume) {
    if (volume.state() != Volume.State.AVAILABLE) {
      throw new Ec2Error(
          "IncorrectState",
          "Volume %s must be in the available or in-use state to be modified."
              .formatted(volume.id()));
    }
    world
        .modifications
        .find(volume.id())
        .filter(Modification::underWay)
        .ifPresent(
            now -> {
              throw new Ec2Error(
                  "IncorrectModificationState",
                  "Volume %s cannot be modified in modification state %s"
                      .formatted(volume.id(), now.state()));
            });
    int limit = world.settings.of(Limit.MODIFICATIONS_PER_DAY);
    if (recent(volume.id()).size() >= limit) {
      throw new Ec2Error(
          "VolumeModificationRateExceeded",
          "You've reached the maximum modification rate per volume limit of %d in 24 hours."
              .formatted(limit));
    }
  }

  private List<Instant> recent(String volumeId) {
    Instant dayAgo = world.now().minus(DAY);
    return world.modifications.find(volumeId).map(Modification::starts).orElse(List.of()).stream()
        .filter(start -> start.isAfter(dayAgo))
        .toList();
  }

  Modification begin(Volume volume, VolumeSpec target) {
    List<Instant> starts = new ArrayList<>(recent(volume.id()));
    starts.add(world.now());
    Modification made =
        new Modification(
            volume.id(),
            Modification.State.MODIFYING,
            volume.spec(),
            target,
            world.now(),
            Optional.empty(),
            List.copyOf(starts));
    world.modifications.put(volume.id(), made);
    world.history.add(History.Kind.MODIFIED, volume.id(), target.size() + " GiB");
    world.later(Delay.MODIFYING, () -> optimize(made));
    return made;
  }

  private void optimize(Modification modification) {
    String id = modification.volumeId();
    Optional<Volume> volume = world.volumes.find(id);
    if (volume.filter(found -> found.state() == Volume.State.AVAILABLE).isEmpty()) {
      return;
    }
    VolumeSpec target = modification.target();
    if (target.size() > modification.original().size()) {
      devices.grow(id, target.bytes());
      world.history.add(History.Kind.GROWN, id, target.size() + " GiB");
    }
    world.volumes.put(id, volume.get().modified(target));
    world.modifications.put(id, modification.in(Modification.State.OPTIMIZING, world.now()));
    world.later(
        Delay.OPTIMIZING,
        () ->
            world.modifications.put(
                id, modification.in(Modification.State.COMPLETED, world.now())));
  }
}
