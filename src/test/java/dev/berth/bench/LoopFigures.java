package dev.berth.bench;

import dev.berth.testing.BerthProcess;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What direct I/O costs a loop volume and saves the host, next to the same volume whose loop device
 * writes through the host's page cache; and what giving space back costs a release.
 */
final class LoopFigures {
  /** Volumes are released with their Unmount. */
  static final Map<String, String> SETTINGS = Map.of("BERTH_LINGER", "0s");

  private static final String DIRECT = "direct";
  private static final String BUFFERED = "buffered";
  private static final int BLOCK = 4096;
  private static final int FILES_WORTH = 4;
  private static final String SIZE = "2GiB";

  private final BerthProcess berth;
  private final Path root;
  private final Scale scale;
  private final int mebibytes;
  private final Random random = new Random(1);

  /** Something that is done in a volume with one large file. */
  private interface Work {
    void on(Path file) throws IOException;
  }

  /** {@code root} is Berth's. */
  LoopFigures(BerthProcess berth, Path root, Scale scale) {
    this.berth = berth;
    this.root = root;
    this.scale = scale;
    mebibytes = FILES_WORTH * scale.fileMebibytes();
  }

  List<Row> run() {
    berth.start();
    try {
      List<Row> rows = new ArrayList<>(speed());
      rows.addAll(space());
      return rows;
    } finally {
      berth.stop();
    }
  }

  private List<Row> speed() {
    Map<String, Path> files = new LinkedHashMap<>();
    for (String kind : List.of(DIRECT, BUFFERED)) {
      files.put(kind, mount(kind, Map.of("size", SIZE)).resolve("file"));
    }
    Run.of("losetup", "--direct-io=off", device(BUFFERED)).succeed();
    List<Row> rows = new ArrayList<>();
    rows.add(row(write(), files, file -> {}, LoopFigures::delete, this::write));
    files.values().forEach(this::write);
    int blocks = scale.fileMebibytes() * FILES_WORTH;
    rows.add(
        row(
            "loop: %d random 4 KiB writes, fsync after each".formatted(blocks),
            files,
            file -> {},
            file -> {},
            file -> writeBlocks(file, blocks)));
    rows.add(
        row(
            "loop: %d random 4 KiB reads, nothing cached".formatted(blocks),
            files,
            this::evictAll,
            file -> {},
            file -> readBlocks(file, blocks)));
    rows.add(
        row(
            "loop: read of %d MiB, nothing cached".formatted(mebibytes),
            files,
            this::evictAll,
            file -> {},
            LoopFigures::read));
    rows.add(
        row(
            "loop: the same, cached in the volume",
            files,
            file -> {},
            file -> {},
            LoopFigures::read));
    rows.add(
        row(
            "loop: the same, no longer cached in the volume",
            files,
            LoopFigures::evict,
            file -> {},
            LoopFigures::read));
    rows.add(cached(files));
    for (String kind : files.keySet()) {
      berth.client().unmount(kind, "bench").orFail();
      berth.client().remove(kind).orFail();
    }
    return rows;
  }

  private String write() {
    return "loop: write of %d MiB and fsync".formatted(mebibytes);
  }

  private Row row(String what, Map<String, Path> files, Work before, Work after, Work timed) {
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    files.forEach(
        (kind, file) ->
            turns.put(
                kind,
                () -> {
                  run(before, file);
                  long started = System.nanoTime();
                  run(timed, file);
                  long took = System.nanoTime() - started;
                  run(after, file);
                  return new long[] {took};
                }));
    Map<String, Samples> samples = new Rounds(1, scale.transfers()).run(turns);
    Samples direct = samples.get(DIRECT);
    return Row.of(what, direct).beside("buffered", Optional.of(samples.get(BUFFERED)), direct);
  }

  private static void run(Work work, Path file) {
    try {
      work.on(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the file in the volume, and of the volume's own file on the host. */
  private Row cached(Map<String, Path> files) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    files.forEach(
        (kind, file) -> {
          run(this::evictAll, file);
          run(LoopFigures::read, file);
          bytes.put(kind, resident(file) + resident(image(kind)));
        });
    return Row.memory(
        "loop: page cache after a read of %d MiB".formatted(mebibytes),
        bytes.get(DIRECT),
        "buffered",
        Optional.of(bytes.get(BUFFERED)));
  }

  private List<Row> space() {
    Map<String, Map<String, String>> kinds = new LinkedHashMap<>();
    kinds.put("given", Map.of("size", SIZE));
    kinds.put("kept", Map.of("size", SIZE, "discard", "false"));
    Map<String, Rounds.Turn> full = new LinkedHashMap<>();
    Map<String, Rounds.Turn> idle = new LinkedHashMap<>();
    Map<String, Long> bytes = new LinkedHashMap<>();
    kinds.forEach(
        (kind, options) -> {
          berth.client().create(kind, options).orFail();
          idle.put(kind, () -> release(kind, false));
          full.put(
              kind,
              () -> {
                long[] took = release(kind, true);
                bytes.put(kind, allocated(image(kind)));
                return took;
              });
        });
    Map<String, Samples> unused = new Rounds(1, scale.lives()).run(idle);
    Map<String, Samples> deleted = new Rounds(1, scale.transfers()).run(full);
    kinds.keySet().forEach(kind -> berth.client().remove(kind).orFail());
    return List.of(
        given("loop: Unmount and release, nothing written", unused),
        given("loop: … %d MiB written and deleted".formatted(mebibytes), deleted),
        Row.memory(
            "loop: what the volume's file takes then",
            bytes.get("given"),
            "`discard=false`",
            Optional.of(bytes.get("kept"))));
  }

  private static Row given(String what, Map<String, Samples> samples) {
    return Row.of(what, samples.get("given"))
        .beside("`discard=false`", Optional.of(samples.get("kept")), samples.get("given"));
  }

  private long[] release(String volume, boolean written) {
    Path file = Path.of(berth.client().mount(volume, "bench").orFail().mountpoint()).resolve("f");
    if (written) {
      run(this::write, file);
      run(LoopFigures::delete, file);
      Run.of("sync", "--file-system", file.resolveSibling(".").toString()).succeed();
    }
    long started = System.nanoTime();
    berth.client().unmount(volume, "bench").orFail();
    return new long[] {System.nanoTime() - started};
  }

  private Path mount(String volume, Map<String, String> options) {
    PluginClient client = berth.client();
    client.create(volume, options).orFail();
    return Path.of(client.mount(volume, "bench").orFail().mountpoint());
  }

  private String device(String volume) {
    return berth.client().get(volume).volume().at("/Status/device").asText();
  }

  private Path image(String volume) {
    try (Stream<Path> files = Files.list(root.resolve("loop"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(volume + "."))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Path file) {
    Run.of("dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=" + mebibytes, "conv=fsync")
        .succeed();
  }

  private static void delete(Path file) throws IOException {
    Files.delete(file);
    Run.of("sync", "--file-system", file.resolveSibling(".").toString()).succeed();
  }

  private static void read(Path file) {
    Run.of("dd", "if=" + file, "of=/dev/null", "bs=1M").succeed();
  }

  /** What is cached of a file, and clean, goes. */
  private static void evict(Path file) {
    Run.of("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0").succeed();
  }

  private void evictAll(Path file) {
    evict(file);
    evict(image(root.resolve("mnt").relativize(file).getName(0).toString()));
  }

  private void writeBlocks(Path file, int count) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int i = 0; i < count; i++) {
        channel.write(block.clear(), place());
        channel.force(false);
      }
    }
  }

  private void readBlocks(Path file, int count) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int i = 0; i < count; i++) {
        channel.read(block.clear(), place());
      }
    }
  }

  private long place() {
    return (long) random.nextInt(mebibytes << 8) * BLOCK;
  }

  private static long resident(Path file) {
    return number("fincore", "--bytes", "--noheadings", "--output", "RES", file.toString());
  }

  private static long allocated(Path file) {
    return number("stat", "--format=%b", file.toString()) * 512;
  }

  private static long number(String... command) {
    return Long.parseLong(Run.of(command).succeed().text().strip());
  }
}
