package dev.berth.ec2sim.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What one instance sees: {@code sys/block}, {@code sys/class/block} and {@code dev} below a
 * directory, linked as the kernel links them. A node in {@code dev} is a link to the real device.
 */
final class DeviceTree {
  private static final String MODEL = "Amazon Elastic Block Store";
  private static final int CONTROLLERS = 200;

  private final Path root;

  DeviceTree(Path root) {
    this.root = root;
    try {
      for (String directory : List.of("sys/block", "sys/class/block", "sys/devices/nvme", "dev")) {
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
        .filter(number -> Files.notExists(controller(number)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no controller number is free"));
  }

  /** A namespace of controller {@code number}, with its node, over {@code loop}. */
  void add(int number, String name, String serial, Path loop) {
    describe(number, name, serial, loop, false);
    link(root.resolve("dev").resolve(name), loop);
  }

  /** One that sysfs shows and that has no node, as the paths of a multipath device are. */
  void addHidden(int number, String name, String serial, Path loop) {
    describe(number, name, serial, loop, true);
  }

  private void describe(int number, String name, String serial, Path loop, boolean hidden) {
    try {
      Path namespace = controller(number).resolve(name);
      Files.createDirectories(namespace);
      Files.writeString(controller(number).resolve("serial"), "%-20s\n".formatted(serial));
      Files.writeString(controller(number).resolve("model"), "%-40s\n".formatted(MODEL));
      Files.writeString(namespace.resolve("hidden"), hidden ? "1\n" : "0\n");
      for (String attribute : List.of("size", "dev", "ro")) {
        link(namespace.resolve(attribute), Loops.sysfs(loop).resolve(attribute));
      }
      link(namespace.resolve("device"), Path.of(".."));
      Path relative = Path.of("../devices/nvme/nvme" + number, name);
      link(root.resolve("sys/class/block").resolve(name), Path.of("..").resolve(relative));
      link(root.resolve("sys/block").resolve(name), relative);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void link(Path at, Path target) {
    try {
      Files.deleteIfExists(at);
      Files.createSymbolicLink(at, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a namespace away, its node first, and its controller with the last of them. */
  void remove(int number, String name) {
    try {
      Files.deleteIfExists(root.resolve("dev").resolve(name));
      Files.deleteIfExists(root.resolve("sys/block").resolve(name));
      Files.deleteIfExists(root.resolve("sys/class/block").resolve(name));
      deleteTree(controller(number).resolve(name));
      if (namespaces(number).isEmpty()) {
        deleteTree(controller(number));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> namespaces(int number) throws IOException {
    if (Files.notExists(controller(number))) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(controller(number))) {
      return entries.filter(Files::isDirectory).toList();
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> entries = Files.walk(directory)) {
        for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(entry);
        }
      }
    }
  }

  private Path controller(int number) {
    return root.resolve("sys/devices/nvme/nvme" + number);
  }
}
