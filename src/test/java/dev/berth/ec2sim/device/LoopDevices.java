package dev.berth.ec2sim.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Volumes as loop devices. Below the directory: {@code volumes} with the bytes and {@code
 * instances/ID} with the tree that the instance sees.
 */
public final class LoopDevices implements Devices {
  private static final Duration PROBERS = Duration.ofMillis(500);

  private record Plug(String instanceId, int controller, String name, Path loop, boolean visible) {}

  private final Path directory;
  private final VolumeFiles files;
  private final Map<String, Plug> plugs = new ConcurrentHashMap<>();
  private final Map<String, DeviceTree> trees = new ConcurrentHashMap<>();
  private final Map<String, Object> turns = new ConcurrentHashMap<>();

  /** Frees first what an earlier one with the same directory left behind. */
  public LoopDevices(Path directory) {
    try {
      this.directory = Files.createDirectories(directory).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Loops.sweep(this.directory);
    files = new VolumeFiles(this.directory.resolve("volumes"));
  }

  /** What the instance has in the place of {@code /}: look below {@code sys} and {@code dev}. */
  public Path root(String instanceId) {
    Path root = directory.resolve("instances").resolve(instanceId);
    trees.computeIfAbsent(instanceId, id -> new DeviceTree(root));
    return root;
  }

  private DeviceTree tree(String instanceId) {
    root(instanceId);
    return Optional.ofNullable(trees.get(instanceId)).orElseThrow();
  }

  private Object turn(String volumeId) {
    return turns.computeIfAbsent(volumeId, id -> new Object());
  }

  @Override
  public void create(String id, long bytes) {
    files.resize(id, bytes);
  }

  @Override
  public void copy(String source, String target, long bytes) {
    files.copy(source, target);
    if (bytes > 0) {
      files.resize(target, bytes);
    }
  }

  @Override
  public void delete(String id) {
    files.delete(id);
  }

  @Override
  public void grow(String volumeId, long bytes) {
    synchronized (turn(volumeId)) {
      files.resize(volumeId, bytes);
      Optional.ofNullable(plugs.get(volumeId)).map(Plug::loop).ifPresent(Loops::refreshSize);
    }
  }

  @Override
  public void plug(String instanceId, String volumeId) {
    synchronized (turn(volumeId)) {
      if (plugs.containsKey(volumeId)) {
        return;
      }
      Path loop = Loops.attach(files.of(volumeId));
      DeviceTree tree = tree(instanceId);
      synchronized (tree) {
        int controller = tree.freeController();
        String name = "nvme%dn1".formatted(controller);
        tree.add(controller, name, serial(volumeId), loop);
        plugs.put(volumeId, new Plug(instanceId, controller, name, loop, true));
      }
    }
  }

  private static String serial(String volumeId) {
    return volumeId.replace("-", "");
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
      return free(volumeId, plug, claimed, force);
    }
  }

  private Unplugged free(String volumeId, Plug plug, boolean claimed, boolean force) {
    Path file = files.of(volumeId);
    if (plug.visible()) {
      hide(plug);
      Loops.detach(plug.loop());
      plugs.put(
          volumeId,
          new Plug(plug.instanceId(), plug.controller(), plug.name(), plug.loop(), false));
    }
    if (!claimed && Loops.awaitFree(plug.loop(), file, PROBERS)) {
      plugs.remove(volumeId);
      return Unplugged.GONE;
    }
    if (!force) {
      return Unplugged.BUSY;
    }
    files.renew(volumeId);
    plugs.remove(volumeId);
    return Unplugged.TORN;
  }

  private void hide(Plug plug) {
    DeviceTree tree = tree(plug.instanceId());
    synchronized (tree) {
      tree.remove(plug.controller(), plug.name());
    }
  }

  @Override
  public void close() {
    plugs.values().stream().filter(Plug::visible).forEach(this::hide);
    plugs.clear();
    Loops.sweep(directory);
  }
}
