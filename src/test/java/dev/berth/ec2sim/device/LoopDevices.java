package dev.berth.ec2sim.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Volumes as loop devices. Below the directory: {@code volumes} with the bytes and {@code
 * instances/ID} with the tree that the instance sees.
 */
public final class LoopDevices implements Devices {
  private static final Duration PROBERS = Duration.ofMillis(500);

  private record Plug(
      InstanceDevices instance, InstanceDevices.Shown shown, Path loop, boolean visible) {
    Plug hidden() {
      return new Plug(instance, shown, loop, false);
    }
  }

  private final Path directory;
  private final VolumeFiles files;
  private final VolumeFiles decoyFiles;
  private final Map<String, Plug> plugs = new ConcurrentHashMap<>();
  private final Map<String, InstanceDevices> instances = new ConcurrentHashMap<>();
  private final Map<String, Object> turns = new ConcurrentHashMap<>();

  /** Takes away first what an earlier one with the same directory left behind, files too. */
  public LoopDevices(Path directory) {
    try {
      this.directory = Files.createDirectories(directory).toRealPath();
      Loops.sweep(this.directory);
      for (String old : List.of("instances", "volumes", "decoys")) {
        DeviceTree.deleteTree(this.directory.resolve(old));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files = new VolumeFiles(this.directory.resolve("volumes"));
    decoyFiles = new VolumeFiles(this.directory.resolve("decoys"));
  }

  /** What the instance has in the place of {@code /}: look below {@code sys} and {@code dev}. */
  public Path root(String instanceId) {
    instance(instanceId);
    return directory.resolve("instances").resolve(instanceId);
  }

  /** From now on these come with each volume of the instance. */
  public void decoys(String instanceId, Set<Decoy> decoys) {
    instance(instanceId).with(decoys);
  }

  private InstanceDevices instance(String id) {
    return instances.computeIfAbsent(
        id, key -> new InstanceDevices(directory.resolve("instances").resolve(key), decoyFiles));
  }

  private Object turn(String volumeId) {
    return turns.computeIfAbsent(volumeId, id -> new Object());
  }

  @Override
  public void name(String id, String name) {
    files.name(id, name);
  }

  @Override
  public void create(String id, long bytes) {
    files.resize(id, bytes);
  }

  @Override
  public void copy(String source, String target, long bytes) {
    files.copy(source, target);
    files.resize(target, bytes);
  }

  @Override
  public void delete(String id) {
    files.delete(id);
  }

  @Override
  public void grow(String volumeId, long bytes) {
    synchronized (turn(volumeId)) {
      files.resize(volumeId, bytes);
      Optional.ofNullable(plugs.get(volumeId))
          .filter(Plug::visible)
          .ifPresent(plug -> Loops.refreshSize(plug.loop()));
    }
  }

  @Override
  public void plug(String instanceId, String volumeId, Optional<String> xenName) {
    synchronized (turn(volumeId)) {
      if (plugs.containsKey(volumeId)) {
        return;
      }
      InstanceDevices instance = instance(instanceId);
      Path loop = Loops.attach(files.of(volumeId));
      InstanceDevices.Shown shown =
          xenName
              .map(name -> instance.showXen(name, loop))
              .orElseGet(() -> instance.showNvme(volumeId, loop));
      plugs.put(volumeId, new Plug(instance, shown, loop, true));
    }
  }

  @Override
  public Unplugged unplug(String volumeId, boolean force) {
    synchronized (turn(volumeId)) {
      Plug plug = plugs.get(volumeId);
      if (plug == null) {
        return Unplugged.GONE;
      }
      boolean claimed = plug.visible() && ExclusiveOpen.isClaimed(plug.loop());
      if (claimed && !force) {
        return Unplugged.BUSY;
      }
      hide(volumeId, plug);
      return free(volumeId, plug, claimed, force);
    }
  }

  private void hide(String volumeId, Plug plug) {
    if (plug.visible()) {
      plug.instance().hide(plug.shown());
      Loops.detach(plug.loop());
      plugs.put(volumeId, plug.hidden());
    }
  }

  private Unplugged free(String volumeId, Plug plug, boolean claimed, boolean force) {
    Path file = files.of(volumeId);
    if (!claimed && Loops.awaitFree(plug.loop(), file, PROBERS)) {
      plugs.remove(volumeId);
      return Unplugged.GONE;
    }
    if (!force) {
      return Unplugged.BUSY;
    }
    files.renew(volumeId);
    plugs.remove(volumeId);
    plug.instance().tore(volumeId, plug.shown(), plug.loop(), file);
    return Unplugged.TORN;
  }

  @Override
  public void close() {
    plugs.forEach(this::hide);
    plugs.clear();
    Loops.sweep(directory);
  }
}
