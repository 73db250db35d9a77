package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the kernel knows of a directory: mounts, loop devices and processes that belong to it. */
public record Traces(Path directory) {
  /** The mountpoints below the directory, in the order of mounting. */
  public List<String> mounts() {
    String prefix = directory + "/";
    return read(Path.of("/proc/self/mountinfo"))
        .lines()
        .map(line -> unescape(line.split(" ", -1)[4]))
        .filter(mountpoint -> mountpoint.startsWith(prefix))
        .toList();
  }

  /** The kernel writes these as a backslash and three octal digits, a backslash among them. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  /** Loop devices whose backing file is below the directory, with that file. */
  public Map<String, String> loopDevices() {
    Map<String, String> found = new TreeMap<>();
    for (Path device : list(Path.of("/sys/block"))) {
      String file = read(device.resolve("loop/backing_file")).strip();
      if (file.startsWith(directory + "/")) {
        found.put("/dev/" + device.getFileName(), file);
      }
    }
    return found;
  }

  /**
   * Processes that were started with the directory in their command line or as Berth's root, and
   * those in the containers of an engine that keeps its state there. Nobody else's: being able to
   * see the directory's mounts does not make a process ours.
   */
  public Map<Long, String> processes() {
    List<String> containers = containers();
    Set<Long> others = ancestors();
    Map<Long, String> found = new TreeMap<>();
    for (Path process : list(Path.of("/proc"))) {
      String name = process.getFileName().toString();
      if (!name.chars().allMatch(Character::isDigit) || others.contains(Long.valueOf(name))) {
        continue;
      }
      String line = read(process.resolve("cmdline")).replace('\0', ' ').strip();
      String cgroup = read(process.resolve("cgroup"));
      if (line.contains(directory + "/")
          || read(process.resolve("environ")).contains("BERTH_ROOT=" + directory + "/")
          || containers.stream().anyMatch(cgroup::contains)) {
        found.put(Long.valueOf(name), line);
      }
    }
    return found;
  }

  /** The ids of the containers an engine has, or had, below the directory. */
  private List<String> containers() {
    Path state = directory.resolve("engine/data/containers");
    return Files.isDirectory(state)
        ? list(state).stream()
            .map(entry -> entry.getFileName().toString())
            .filter(name -> name.matches("[0-9a-f]{64}"))
            .toList()
        : List.of();
  }

  /** This process, those it descends from, and the first of all. */
  private static Set<Long> ancestors() {
    Set<Long> found = new HashSet<>(Set.of(1L));
    for (Optional<ProcessHandle> next = Optional.of(ProcessHandle.current());
        next.isPresent();
        next = next.get().parent()) {
      found.add(next.get().pid());
    }
    return found;
  }

  /** The entries of a directory. */
  public static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return new ArrayList<>(entries.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a file of the kernel's; empty if it is gone, as with a process that ended. */
  public static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
