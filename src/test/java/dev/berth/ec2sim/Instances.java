package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Devices;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Instances: {@code pending}, {@code running}, {@code stopping}, {@code stopped}, {@code
 * shutting-down}, {@code terminated}, forgotten. The test makes and ends them; the API only
 * describes them.
 */
final class Instances {
  private static final int ROOT_SIZE = 8;

  private final World world;
  private final Devices devices;
  private final Attachments attachments;

  Instances(World world, Devices devices, Attachments attachments) {
    this.world = world;
    this.devices = devices;
    this.attachments = attachments;
  }

  Instance require(String id) {
    return Ids.INSTANCE.require(world.instances, id);
  }

  /** A new one that runs. */
  Instance run(String zone, InstanceType type) {
    String id = World.newId("i");
    Volume root = rootVolume(id, zone);
    Instance made =
        new Instance(
            id, zone, type, Instance.State.RUNNING, world.now(), root.id(), Set.of(), Map.of());
    devices.create(root.id(), root.spec().bytes());
    world.volumes.put(root.id(), root);
    world.instances.put(id, made);
    return made;
  }

  private Volume rootVolume(String instanceId, String zone) {
    VolumeSpec spec =
        new VolumeSpec(
            zone,
            ROOT_SIZE,
            VolumeType.GP3,
            Optional.of(3_000),
            Optional.of(125),
            false,
            Optional.empty());
    Attachment attachment =
        new Attachment(
            instanceId,
            Instance.ROOT_DEVICE,
            Attachment.State.ATTACHED,
            world.now(),
            Attachment.ROOT);
    return new Volume(
        World.newId("vol"),
        spec,
        Volume.State.AVAILABLE,
        world.now(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.of(attachment));
  }

  /** Its image uses {@code device} too, and the API does not tell. */
  void hideDevice(String id, String device) {
    Instance old = require(id);
    Set<String> hidden = new java.util.HashSet<>(old.hiddenDevices());
    hidden.add(device);
    world.instances.put(
        id,
        new Instance(
            id,
            old.zone(),
            old.type(),
            old.state(),
            old.launchTime(),
            old.rootVolume(),
            Set.copyOf(hidden),
            old.tags()));
  }

  /** Volumes stay attached; their devices go. */
  void stop(String id) {
    change(id, Instance.State.STOPPING);
    attachments.hideAll(id);
    world.later(Delay.INSTANCE, () -> change(id, Instance.State.STOPPED));
  }

  void start(String id) {
    change(id, Instance.State.PENDING);
    world.later(
        Delay.INSTANCE,
        () -> {
          change(id, Instance.State.RUNNING);
          attachments.showAll(id);
        });
  }

  /** Volumes come free, the root goes; after a time nobody knows the instance any more. */
  void terminate(String id) {
    String root = require(id).rootVolume();
    change(id, Instance.State.SHUTTING_DOWN);
    attachments
        .of(id)
        .forEach(
            (volumeId, attachment) -> {
              if (volumeId.equals(root)) {
                world.volumes.remove(volumeId);
                devices.delete(volumeId);
              } else {
                attachments.detach(world.volumes.find(volumeId).orElseThrow(), attachment, true);
              }
            });
    world.later(
        Delay.INSTANCE,
        () -> {
          change(id, Instance.State.TERMINATED);
          world.later(Delay.VANISH, () -> world.instances.remove(id));
        });
  }

  private void change(String id, Instance.State next) {
    world.instances.put(id, require(id).in(next));
  }
}
