package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Devices;
import dev.berth.ec2sim.device.Devices.Unplugged;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * Attachments: {@code attaching}, {@code attached}, {@code detaching}, {@code busy} while the
 * instance uses the device, gone. One to a volume. Public steps want the lock of the world; what
 * happens to devices happens without it, one thing at a time for each volume.
 */
final class Attachments {
  private static final Duration BUSY_POLL = Duration.ofMillis(50);

  private final World world;
  private final Devices devices;
  private final AtomicLong serials = new AtomicLong();
  private final Map<String, Object> turns = new ConcurrentHashMap<>();
  private final Set<Long> forced = ConcurrentHashMap.newKeySet();

  Attachments(World world, Devices devices) {
    this.world = world;
    this.devices = devices;
  }

  /** Begins an attachment that goes its way. */
  Attachment attach(Volume volume, String instanceId, String device) {
    Attachment made = begin(volume, instanceId, device, world.now());
    long serial = made.serial();
    world.aside(Delay.DEVICE, () -> plug(volume.id(), serial));
    world.later(Delay.ATTACH, () -> advance(volume.id(), serial, Attachment.State.ATTACHED));
    return made;
  }

  /** Begins one that stays {@code attaching} for good, as if since {@code since}. */
  Attachment attachStuck(Volume volume, String instanceId, String device, Instant since) {
    return begin(volume, instanceId, device, since);
  }

  private Attachment begin(Volume volume, String instanceId, String device, Instant since) {
    Attachment made =
        new Attachment(
            instanceId, device, Attachment.State.ATTACHING, since, serials.incrementAndGet());
    world.volumes.put(volume.id(), volume.with(made));
    world.history.add(History.Kind.ATTACHING, volume.id(), instanceId);
    return made;
  }

  /** Begins to detach, or makes a detachment that is under way a forced one. */
  Attachment detach(Volume volume, Attachment attachment, boolean force) {
    if (force) {
      forced.add(attachment.serial());
    }
    if (attachment.ending()) {
      return attachment;
    }
    Attachment ending = attachment.in(Attachment.State.DETACHING);
    world.volumes.put(volume.id(), volume.with(ending));
    world.history.add(History.Kind.DETACHING, volume.id(), attachment.instanceId());
    world.aside(Delay.DETACH, () -> unplug(volume.id(), attachment.serial()));
    return ending;
  }

  private void advance(String volumeId, long serial, Attachment.State next) {
    current(volumeId, serial)
        .filter(attachment -> !attachment.ending() || next == Attachment.State.BUSY)
        .filter(attachment -> attachment.state() != next)
        .ifPresent(
            attachment -> {
              Volume volume = world.volumes.find(volumeId).orElseThrow();
              world.volumes.put(volumeId, volume.with(attachment.in(next)));
              world.history.add(
                  History.Kind.valueOf(next.name()), volumeId, attachment.instanceId());
            });
  }

  private Optional<Attachment> current(String volumeId, long serial) {
    return world
        .volumes
        .find(volumeId)
        .flatMap(Volume::attachment)
        .filter(attachment -> attachment.serial() == serial);
  }

  private Object turn(String volumeId) {
    return turns.computeIfAbsent(volumeId, id -> new Object());
  }

  private void plug(String volumeId, long serial) {
    synchronized (turn(volumeId)) {
      Optional<Attachment> wanted =
          world.locked(
              () ->
                  current(volumeId, serial)
                      .filter(attachment -> !attachment.ending())
                      .filter(attachment -> runningInstance(attachment).isPresent()));
      wanted.ifPresent(attachment -> plug(volumeId, attachment));
    }
  }

  private Optional<Instance> runningInstance(Attachment attachment) {
    return world
        .instances
        .find(attachment.instanceId())
        .filter(instance -> instance.state() == Instance.State.RUNNING);
  }

  private void plug(String volumeId, Attachment attachment) {
    Optional<String> xenName =
        world
            .locked(() -> runningInstance(attachment))
            .filter(instance -> instance.type().xen())
            .map(instance -> DeviceNames.xen(attachment.device()));
    try {
      devices.plug(attachment.instanceId(), volumeId, xenName);
      world.history.add(History.Kind.DEVICE_APPEARED, volumeId, attachment.instanceId());
    } catch (RuntimeException | AssertionError e) {
      world.history.add(History.Kind.DEVICE_FAILED, volumeId, String.valueOf(e.getMessage()));
    }
  }

  /** Takes the device away and ends the attachment; waits for whoever uses the device. */
  private void unplug(String volumeId, long serial) {
    synchronized (turn(volumeId)) {
      Optional<Attachment> ending = world.locked(() -> current(volumeId, serial));
      if (ending.isEmpty()) {
        return;
      }
      Unplugged how = devices.unplug(volumeId, forced.contains(serial));
      switch (how) {
        case BUSY -> {
          world.locked(() -> advance(volumeId, serial, Attachment.State.BUSY));
          world.aside(BUSY_POLL, () -> unplug(volumeId, serial));
        }
        case TORN, GONE -> world.locked(() -> end(volumeId, ending.get(), how));
      }
    }
  }

  private void end(String volumeId, Attachment attachment, Unplugged how) {
    forced.remove(attachment.serial());
    if (how == Unplugged.TORN) {
      world.history.add(History.Kind.TORN, volumeId, attachment.instanceId());
    }
    world.history.add(History.Kind.DETACHED, volumeId, attachment.instanceId());
    world
        .volumes
        .find(volumeId)
        .ifPresent(volume -> world.volumes.put(volumeId, volume.detached()));
  }

  /** The devices of an instance that starts appear. */
  void showAll(String instanceId) {
    eachData(instanceId, (volumeId, serial) -> plug(volumeId, serial));
  }

  /** The devices of an instance that stops go, whoever uses them; the attachments stay. */
  void hideAll(String instanceId) {
    eachData(instanceId, this::hide);
  }

  private void eachData(String instanceId, BiConsumer<String, Long> work) {
    of(instanceId).entrySet().stream()
        .filter(entry -> !entry.getValue().isRoot())
        .forEach(
            entry ->
                world.aside(
                    Duration.ZERO, () -> work.accept(entry.getKey(), entry.getValue().serial())));
  }

  private void hide(String volumeId, long serial) {
    synchronized (turn(volumeId)) {
      Optional<Attachment> there = world.locked(() -> current(volumeId, serial));
      if (there.isPresent() && devices.unplug(volumeId, true) == Unplugged.TORN) {
        world.history.add(History.Kind.TORN, volumeId, there.get().instanceId());
      }
    }
  }

  /** The volumes at an instance. */
  Map<String, Attachment> of(String instanceId) {
    Map<String, Attachment> found = new TreeMap<>();
    world
        .volumes
        .all()
        .forEach(
            volume ->
                volume
                    .attachment()
                    .filter(attachment -> attachment.instanceId().equals(instanceId))
                    .ifPresent(attachment -> found.put(volume.id(), attachment)));
    return found;
  }
}
