package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.AdminClient;
import dev.berth.testing.LedgerFile;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import dev.berth.volume.Step;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * A volume that a crash is to hit, and what has to be true of it afterwards. What was answered is
 * noted by the call itself; what a crash may have left is told by the scenario.
 */
final class Subject {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final TestBed bed;
  private final String name;
  private final Path data;
  private final Map<String, String> files = new TreeMap<>();
  private final Set<String> ids = new TreeSet<>();
  private final List<Closeable> open = new ArrayList<>();
  private List<String> cameTo = List.of();
  private Optional<Subject> source = Optional.empty();
  private boolean there;
  private boolean retained;
  private int snapshots;
  private long largerThan;
  private int formats = 1;

  /** A volume whose files are in {@code data} while it is mounted. */
  Subject(TestBed bed, String name, Path data) {
    this.bed = bed;
    this.name = name;
    this.data = data;
  }

  // What is done with it.

  void create(String... options) {
    client().create(name, options(options)).orFail();
    there = true;
  }

  void mount(String id) {
    client().mount(name, id).orFail();
    ids.add(id);
  }

  void unmount(String id) {
    client().unmount(name, id).orFail();
    ids.remove(id);
  }

  void remove() {
    client().remove(name).orFail();
    there = false;
    ids.clear();
  }

  void grow(String size) {
    admin().post("volumes/%s/grow".formatted(name), Map.of("size", size));
  }

  void release(boolean force) {
    admin().post("volumes/%s/release".formatted(name), Map.of("force", force));
    ids.clear();
  }

  void takeSnapshot() {
    admin().post("volumes/%s/snapshots".formatted(name), Map.of());
    snapshots = 1;
  }

  void deleteSnapshot() {
    admin().delete("snapshots/" + snapshotIds().getFirst());
    snapshots = 0;
  }

  /** Writes a file of a mounted volume, to its device; a frozen filesystem is a failure. */
  void write(String file) {
    String text = "%s of %s".formatted(file, name);
    String script = "printf %s \"$1\" > \"$2\" && sync \"$2\"";
    String path = data.resolve(file).toString();
    Run.of("sh", "-c", script, "write", text, path).within(LIMIT).succeed();
    files.put(file, text);
  }

  /** Made, mounted, written and let go of: a volume with data that lies there. */
  void createWithData(String... options) {
    createInUse(options);
    unmount("x");
    bed.awaitReleased(name);
  }

  /** Made, written and still mounted, for the id {@code x}. */
  void createInUse(String... options) {
    create(options);
    mount("x");
    write("first");
  }

  /** A process of the host has one of its files open. */
  void open(String file) {
    try {
      open.add(FileChannel.open(data.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tool fails whenever it has to do with this volume. */
  void failsIn(String tool) {
    bed.tools().fail(tool, "/" + name + ".");
  }

  /** Its first mount fails when mkfs has done its work, but before that is recorded. */
  void mountHalfFormatted(String maker) {
    bed.tools().failAfter(maker, "/" + name + ".");
    client().mount(name, "early").failed();
    failsNoMore();
    formats++;
  }

  void failsNoMore() {
    bed.tools().clear("/" + name + ".");
  }

  /** Mount ids of the engines before it no longer count. */
  void engineComes() {
    client().activate().orFail();
    ids.clear();
  }

  void awaitReady() {
    await().atMost(LIMIT).until(() -> inspect().path("state").asText().equals("ready"));
  }

  void close() {
    try {
      for (Closeable file : open) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes mount and device away behind Berth's back, as a reboot does. */
  void loseMount() {
    Run.of("umount", bed.mountpoint(name).toString()).succeed();
    new Traces(bed.root())
        .loopDevices().entrySet().stream()
            .filter(device -> device.getValue().contains("/" + name + "."))
            .forEach(device -> Run.of("losetup", "--detach", device.getKey()).succeed());
  }

  /** Ends the process that serves its mount, as its own crash would. */
  void killClient() {
    Run.of("kill", "-KILL", inspect().path("client").path("pid").asText()).succeed();
  }

  /** The volume this one is to be a copy of. */
  Subject source() {
    if (source.isEmpty()) {
      source = Optional.of(new Subject(bed, name + "-source", bed.data(name + "-source")));
    }
    return source.get();
  }

  // What has to be true of it.

  /** Notes how far the operation came. */
  void cameTo(List<String> steps) {
    cameTo = List.copyOf(steps);
  }

  boolean cameTo(Step step) {
    return cameTo.contains(step.name());
  }

  boolean endedAt(Step step) {
    return !cameTo.isEmpty() && cameTo.getLast().equals(step.name());
  }

  void isThere() {
    there = true;
  }

  void isGone() {
    there = false;
    ids.clear();
  }

  void isRetained() {
    isGone();
    retained = true;
  }

  /** It is there, with the data of its source, and never formatted itself. */
  void isCopy() {
    formats = 0;
    there = true;
    files.putAll(source().files);
  }

  void isHeldFor(String id) {
    ids.add(id);
  }

  void isFree() {
    ids.clear();
  }

  void hasSnapshots(int count) {
    snapshots = count;
  }

  /** Its filesystem has more bytes than that. */
  void isLargerThan(long bytes) {
    largerThan = bytes;
  }

  Optional<Subject> knownSource() {
    return source;
  }

  String name() {
    return name;
  }

  boolean there() {
    return there;
  }

  boolean retained() {
    return retained;
  }

  void forgetRetained() {
    retained = false;
  }

  int snapshots() {
    return snapshots;
  }

  long largerThan() {
    return largerThan;
  }

  /** How often mkfs may run for it in all its life, without a crash. */
  int formats() {
    return formats;
  }

  Set<String> ids() {
    return ids;
  }

  Path data() {
    return data;
  }

  Map<String, String> files() {
    return files;
  }

  /** The files below {@code loop} with this volume's name. */
  List<Path> images() {
    return bed.images(name);
  }

  /** The ids of the snapshots Berth has of it. */
  List<String> snapshotIds() {
    return StreamSupport.stream(admin().get("snapshots").spliterator(), false)
        .filter(snapshot -> snapshot.path("volume").asText().equals(name))
        .map(snapshot -> snapshot.path("id").asText())
        .toList();
  }

  JsonNode inspect() {
    return admin().get("volumes/" + name);
  }

  LedgerFile ledger() {
    return new LedgerFile(bed.root());
  }

  TestBed bed() {
    return bed;
  }

  private PluginClient client() {
    return bed.client();
  }

  private AdminClient admin() {
    return new AdminClient(bed.berth().socket());
  }

  private static Map<String, String> options(String... options) {
    Map<String, String> parsed = new HashMap<>();
    for (String option : options) {
      String[] parts = option.split("=", 2);
      assertThat(parts).hasSize(2);
      parsed.put(parts[0], parts[1]);
    }
    return parsed;
  }
}
