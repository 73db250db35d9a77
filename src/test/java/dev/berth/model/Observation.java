package dev.berth.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What Berth says, and what is on the host.
 *
 * @param volumes as {@code /v1} shows them, by name
 * @param snapshots the same
 * @param mounts mountpoints below Berth's root; one that is mounted twice is in it twice
 * @param attached the names of the files behind loop devices
 * @param files the names of all files in the backend's directory
 * @param snapshotFiles the same for its snapshots
 * @param mountDirectories the names of the directories that are there to be mounted on
 */
record Observation(
    SortedMap<String, JsonNode> volumes,
    SortedMap<String, JsonNode> snapshots,
    List<String> mounts,
    List<String> attached,
    SortedSet<String> files,
    SortedSet<String> snapshotFiles,
    SortedSet<String> mountDirectories) {
  /** Stands for an answer that never came. */
  static final Reply NO_REPLY = new Reply(0, Map.of(), "");

  private static final long MEBIBYTE = 1 << 20;

  static Observation of(TestBed bed) {
    Traces traces = new Traces(bed.root());
    Path loop = bed.root().resolve("loop");
    return new Observation(
        byKey(bed.client(), "v1/volumes", "name"),
        byKey(bed.client(), "v1/snapshots", "id"),
        traces.mounts(),
        traces.loopDevices().values().stream()
            .map(file -> file.substring(file.lastIndexOf('/') + 1))
            .toList(),
        names(loop, false),
        names(loop.resolve("snapshots"), false),
        names(bed.root().resolve("mnt"), true));
  }

  private static SortedMap<String, JsonNode> byKey(PluginClient client, String path, String key) {
    Reply reply = client.send(PluginClient.request("GET", path, "", Map.of()));
    return StreamSupport.stream(reply.json().spliterator(), false)
        .collect(
            Collectors.toMap(
                node -> node.path(key).asText(), node -> node, (a, b) -> a, TreeMap::new));
  }

  private static SortedSet<String> names(Path directory, boolean directories) {
    if (Files.notExists(directory)) {
      return new TreeSet<>();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> Files.isDirectory(entry) == directories)
          .map(entry -> entry.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Set<String> names() {
    return volumes.keySet();
  }

  Set<String> snapshotIds() {
    return snapshots.keySet();
  }

  String snapshotVolume(String id) {
    return snapshots.get(id).path("volume").asText();
  }

  String state(String volume) {
    return volumes.get(volume).path("state").asText();
  }

  boolean mounted(String volume) {
    return volumes.get(volume).path("mounted").asBoolean();
  }

  boolean formatted(String volume) {
    return volumes.get(volume).has("filesystem");
  }

  int mebibytes(String volume) {
    return (int) (volumes.get(volume).path("size").asLong() / MEBIBYTE);
  }

  /** The mount ids Berth knows; none for a volume that is not there. */
  Set<String> holders(String volume) {
    JsonNode found = volumes.get(volume);
    return found == null
        ? Set.of()
        : StreamSupport.stream(found.path("holders").spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.toSet());
  }

  /** The files of a volume, and of removed namesakes that were retained. */
  List<String> images(String volume) {
    return files.stream().filter(file -> file.startsWith(volume + ".")).toList();
  }

  /** Whether Berth has nothing left to take up from an earlier run. */
  boolean settled() {
    return names().stream().allMatch(this::settled);
  }

  private boolean settled(String volume) {
    boolean free = holders(volume).isEmpty() && !volumes.get(volume).has("owner");
    return state(volume).equals("ready") && (mounted(volume) || free);
  }
}
