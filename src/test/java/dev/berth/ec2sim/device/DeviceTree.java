package dev.berth.ec2sim.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What one instance sees: {@code sys/block}, {@code sys/class/block} and {@code dev} below a
 * directory, linked as the kernel links them. A node in {@code dev} is a link to the real device.
 */
final class DeviceTree {
  private static final String MODEL = "Amazon Elastic Block Store";
  private static final int CONTROLLERS = 200;

  /**
   * A disk, below what it hangs on.
   *
   * @param parent a name below {@code sys/devices}
   */
  record Entry(String parent, String name) {
    static Entry nvme(int controller, String name) {
      return new Entry("nvme" + controller, name);
    }
  }

  private final Path root;

  DeviceTree(Path root) {
    this.root = root;
    try {
      for (String directory : List.of("sys/block", "sys/class/block", "sys/devices", "dev")) {
        Files.createDirectories(root.resolve(directory));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of a controller that is not there; never in the order of asking: 2, 1, 4, 3, ... */
  int freeController() {
    return IntStream.range(0, CONTROLLERS)
        .map(i -> i % 2 == 0 ? i + 2 : i)
        .filter(this::isFree)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no controller number is free"));
  }

  boolean isFree(int controller) {
    return Files.notExists(root.resolve("sys/devices").resolve("nvme" + controller));
  }

  /** A namespace of an NVMe controller over {@code loop}, with the padding the kernel shows. */
  void addNvme(Entry entry, String serial, Path loop, boolean hidden) {
    Map<String, String> parent =
        Map.of("serial", "%-20s\n".formatted(serial), "model", "%-40s\n".formatted(MODEL));
    add(entry, parent, loop, hidden);
  }

  /** A disk of Xen over {@code loop}. */
  void addXen(Entry entry, Path loop) {
    add(entry, Map.of("devtype", "vbd\n"), loop, false);
  }

  private void add(Entry entry, Map<String, String> parent, Path loop, boolean hidden) {
    try {
      Path disk = directory(entry);
      Files.createDirectories(disk);
      for (Map.Entry<String, String> attribute : parent.entrySet()) {
        Files.writeString(disk.resolveSibling(attribute.getKey()), attribute.getValue());
      }
      Files.writeString(disk.resolve("hidden"), hidden ? "1\n" : "0\n");
      for (String attribute : List.of("size", "dev", "ro")) {
        link(disk.resolve(attribute), Loops.sysfs(loop).resolve(attribute));
      }
      link(disk.resolve("device"), Path.of(".."));
      Path relative = Path.of("../devices", entry.parent(), entry.name());
      link(root.resolve("sys/class/block").resolve(entry.name()), Path.of("..").resolve(relative));
      link(root.resolve("sys/block").resolve(entry.name()), relative);
      if (!hidden) {
        link(root.resolve("dev").resolve(entry.name()), loop);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void link(Path at, Path target) throws IOException {
    Files.deleteIfExists(at);
    Files.createSymbolicLink(at, target);
  }

  /** Takes a disk away, its node first, and what it hangs on with the last disk there. */
  void remove(Entry entry) {
    try {
      Files.deleteIfExists(root.resolve("dev").resolve(entry.name()));
      Files.deleteIfExists(root.resolve("sys/block").resolve(entry.name()));
      Files.deleteIfExists(root.resolve("sys/class/block").resolve(entry.name()));
      Path disk = directory(entry);
      deleteTree(disk);
      if (disks(disk.resolveSibling("")).isEmpty()) {
        deleteTree(disk.resolveSibling(""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path directory(Entry entry) {
    return root.resolve("sys/devices").resolve(entry.parent()).resolve(entry.name());
  }

  private static List<Path> disks(Path parent) throws IOException {
    if (Files.notExists(parent)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }

  static void deleteTree(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> entries = Files.walk(directory)) {
        for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(entry);
        }
      }
    }
  }
}
