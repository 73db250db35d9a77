package dev.berth.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Where what is seen differs from what must be. */
final class Comparison {
  private final Model model;
  private final Observation seen;
  private final List<String> differences = new ArrayList<>();

  private Comparison(Model model, Observation seen) {
    this.model = model;
    this.seen = seen;
  }

  /** Nothing, if all is as it must be. */
  static List<String> differences(Model model, Observation seen, Path root) {
    Comparison comparison = new Comparison(model, seen);
    comparison.same("volumes", model.volumes.keySet(), seen.names());
    if (comparison.differences.isEmpty()) {
      model.volumes.forEach(comparison::compare);
      comparison.compareMounts(root);
      comparison.compareFiles();
    }
    return comparison.differences;
  }

  private void compare(String name, ModelVolume volume) {
    same("state of " + name, "ready", seen.state(name));
    same("size of " + name, volume.mebibytes, seen.mebibytes(name));
    same("whether formatted is " + name, volume.formatted, seen.formatted(name));
    TreeSet<String> holders = new TreeSet<>(seen.holders(name));
    holders.removeAll(volume.deadIds);
    same("mount ids of " + name, volume.ids, holders);
    same("mounted, as Berth says, is " + name, isOn(name, seen), seen.mounted(name));
  }

  private boolean isOn(String name, Observation observation) {
    return observation.mounts().stream().anyMatch(mount -> mount.endsWith("/mnt/" + name));
  }

  private void compareMounts(Path root) {
    List<String> mounted =
        model.volumes.entrySet().stream()
            .filter(
                entry ->
                    entry.getValue().mustBeMounted()
                        || (entry.getValue().mayBeMounted() && isOn(entry.getKey(), seen)))
            .map(Map.Entry::getKey)
            .toList();
    same(
        "mounts",
        mounted.stream().map(name -> root.resolve("mnt").resolve(name).toString()).toList(),
        seen.mounts().stream().sorted().toList());
    same("directories to mount on", mounted, seen.mountDirectories());
    same(
        "files behind loop devices",
        mounted.stream().map(this::image).sorted().toList(),
        seen.attached().stream().sorted().toList());
  }

  private void compareFiles() {
    same("snapshots", model.snapshots.keySet(), seen.snapshotIds());
    same("snapshots that were to be taken", List.of(), model.unnamed);
    same(
        "files of volumes",
        Stream.concat(model.volumes.keySet().stream().map(this::image), model.retained.stream())
            .sorted()
            .toList(),
        seen.files());
    same(
        "files of snapshots",
        model.snapshots.keySet().stream()
            .flatMap(id -> Stream.of(id + ".img", id + ".properties"))
            .sorted()
            .toList(),
        seen.snapshotFiles());
  }

  private String image(String name) {
    return model.volumes.get(name).image.orElse(name + " has no file");
  }

  private void same(String what, Collection<?> expected, Collection<?> actual) {
    same(what, (Object) List.copyOf(expected), List.copyOf(actual));
  }

  private void same(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      differences.add("%s: must be %s, is %s".formatted(what, expected, actual));
    }
  }
}
