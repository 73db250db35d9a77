package dev.berth.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What must be true of Berth and its host. */
final class Model {
  static final int DEFAULT_MEBIBYTES = 16;

  final SortedMap<String, ModelVolume> volumes = new TreeMap<>();
  final SortedMap<String, ModelSnapshot> snapshots = new TreeMap<>();

  /** Snapshots that must be there, whose ids are not known yet. */
  final List<ModelSnapshot> unnamed = new ArrayList<>();

  /** Files of removed volumes that were to be kept. */
  final TreeSet<String> retained = new TreeSet<>();

  record ModelSnapshot(String volume, int mebibytes, Map<String, String> files) {
    static ModelSnapshot of(String name, ModelVolume volume) {
      return new ModelSnapshot(name, volume.mebibytes, Map.copyOf(volume.files));
    }
  }

  Optional<ModelVolume> find(String name) {
    return Optional.ofNullable(volumes.get(name));
  }

  /** The id of one of the snapshots, or one that no snapshot has if there are none. */
  String snapshotId(int choice) {
    List<String> ids = List.copyOf(snapshots.keySet());
    return ids.isEmpty() ? "snap-00000000" : ids.get(choice % ids.size());
  }

  /** A new engine has come: the ids of the old one do not count any more. */
  void activate() {
    for (ModelVolume volume : volumes.values()) {
      volume.deadIds.addAll(volume.ids);
      volume.ids.clear();
    }
  }

  void remove(String name) {
    ModelVolume volume = volumes.remove(name);
    if (volume == null) {
      return;
    }
    switch (volume.options.getOrDefault("onRemove", "delete")) {
      case "retain" -> volume.image.ifPresent(retained::add);
      case "snapshot" -> {
        if (volume.formatted) {
          unnamed.add(ModelSnapshot.of(name, volume));
        }
      }
      default -> {}
    }
  }

  /** Takes over what only Berth can know: names of new files and snapshots. */
  void learn(Observation seen) {
    for (Map.Entry<String, ModelVolume> entry : volumes.entrySet()) {
      if (entry.getValue().image.isEmpty()) {
        entry.getValue().image =
            seen.images(entry.getKey()).stream()
                .filter(file -> !retained.contains(file))
                .findFirst();
      }
    }
    for (String id : seen.snapshotIds()) {
      if (!snapshots.containsKey(id)) {
        Optional<ModelSnapshot> expected =
            unnamed.stream()
                .filter(snapshot -> snapshot.volume().equals(seen.snapshotVolume(id)))
                .findFirst();
        expected.ifPresent(
            snapshot -> {
              unnamed.remove(snapshot);
              snapshots.put(id, snapshot);
            });
      }
    }
  }
}
