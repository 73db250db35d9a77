package dev.berth.crash;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.AdminClient;
import dev.berth.testing.LedgerFile;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A volume that a crash is to hit, with all that can be done with it. */
final class Subject {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final TestBed bed;
  private final String name;
  private final Expected expected = new Expected();
  private final List<Closeable> open = new ArrayList<>();
  private Optional<Subject> source = Optional.empty();

  Subject(TestBed bed, String name) {
    this.bed = bed;
    this.name = name;
  }

  void create(String... options) {
    Map<String, String> given =
        Stream.of(options)
            .map(option -> option.split("=", 2))
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    client().create(name, given).orFail();
    expected.isThere();
  }

  void mount(String id) {
    client().mount(name, id).orFail();
    expected.isHeldFor(id);
  }

  void unmount(String id) {
    client().unmount(name, id).orFail();
    expected.isHeldNoMoreFor(id);
  }

  void remove() {
    client().remove(name).orFail();
    expected.isGone();
  }

  void grow(String size) {
    admin().post("volumes/%s/grow".formatted(name), Map.of("size", size));
  }

  void releaseByForce() {
    admin().post("volumes/%s/release".formatted(name), Map.of("force", true));
    expected.isFree();
  }

  void takeSnapshot() {
    admin().post("volumes/%s/snapshots".formatted(name), Map.of());
    expected.hasSnapshots(1);
  }

  void deleteSnapshot() {
    admin().delete("snapshots/" + snapshotIds().getFirst());
    expected.hasSnapshots(0);
  }

  /** Creates it as a copy of its source. */
  void cloneSource(String... options) {
    create(
        Stream.concat(Stream.of("sourceVolume=" + source().name()), Stream.of(options))
            .toArray(String[]::new));
    expected.isCopy();
  }

  /** Creates it from the one snapshot of its source. */
  void restoreSource() {
    create("snapshotId=" + source().snapshotIds().getFirst());
    expected.isCopy();
  }

  /** Writes a file of the mounted volume, down to its device; a frozen filesystem is a failure. */
  void write(String file) {
    String text = "%s of %s".formatted(file, name);
    String script = "printf %s \"$1\" > \"$2\" && sync \"$2\"";
    String path = bed.data(name).resolve(file).toString();
    Run.of("sh", "-c", script, "write", text, path).within(LIMIT).succeed();
    expected.hasFile(file, text);
  }

  /** Made, written and still mounted, for the id {@code x}. */
  void createInUse(String... options) {
    create(options);
    mount("x");
    write("first");
  }

  /** Made, mounted, written and let go of. */
  void createWithData(String... options) {
    createInUse(options);
    unmount("x");
    bed.awaitReleased(name);
  }

  /** A new engine comes; the ids of those before it no longer count. */
  void engineComes() {
    client().activate().orFail();
    expected.isFree();
  }

  /** A process of the host has one of its files open, until {@link #close}. */
  void open(String file) {
    try {
      open.add(FileChannel.open(bed.data(name).resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** A tool fails whenever it has to do with this volume. */
  void failsIn(String tool) {
    bed.tools().fail(tool, "/" + name + ".");
  }

  void failsNoMore() {
    bed.tools().clear("/" + name + ".");
  }

  /** Its first mount fails when mkfs has done its work, but before that is recorded. */
  void mountHalfFormatted(String maker) {
    bed.tools().failAfter(maker, "/" + name + ".");
    client().mount(name, "early").failed();
    failsNoMore();
    expected.wasHalfFormatted();
  }

  /** Takes mount and device away behind Berth's back, as a reboot does. */
  void loseMount() {
    Run.of("umount", bed.mountpoint(name).toString()).succeed();
    new Traces(bed.root())
        .loopDevices().entrySet().stream()
            .filter(device -> device.getValue().contains("/" + name + "."))
            .forEach(device -> Run.of("losetup", "--detach", device.getKey()).succeed());
  }

  /** Cuts a copy that is not finished in half, as a crash inside the copying does. */
  void halveCopy() {
    String parts = bed.root().resolve("loop").toString();
    Run.of("find", parts, "-name", name + ".*.part", "-exec", "truncate", "-s", "8M", "{}", ";")
        .succeed();
  }

  void awaitReady() {
    await().atMost(LIMIT).until(() -> inspect().path("state").asText().equals("ready"));
  }

  /** The volume this one is, or is to be, a copy of. */
  Subject source() {
    if (source.isEmpty()) {
      source = Optional.of(new Subject(bed, name + "-source"));
      expected.hasSource(source.get().expected);
    }
    return source.get();
  }

  Optional<Subject> knownSource() {
    return source;
  }

  Expected expected() {
    return expected;
  }

  String name() {
    return name;
  }

  TestBed bed() {
    return bed;
  }

  JsonNode inspect() {
    return admin().get("volumes/" + name);
  }

  /** The ids of the snapshots Berth has of it. */
  List<String> snapshotIds() {
    return StreamSupport.stream(admin().get("snapshots").spliterator(), false)
        .filter(snapshot -> snapshot.path("volume").asText().equals(name))
        .map(snapshot -> snapshot.path("id").asText())
        .toList();
  }

  LedgerFile ledger() {
    return new LedgerFile(bed.root());
  }

  private PluginClient client() {
    return bed.client();
  }

  private AdminClient admin() {
    return new AdminClient(bed.berth().socket());
  }
}
