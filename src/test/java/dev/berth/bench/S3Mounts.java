package dev.berth.bench;

import dev.berth.testing.Async;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.OtherNamespace;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Volumes in an S3 store of this host: from Mount to its answer next to {@code rclone serve
 * docker}, and one large file through the mount next to the same client without Berth.
 */
final class S3Mounts {
  /** A volume is really mounted and unmounted each time. */
  static final Map<String, String> SETTINGS = Map.of("BERTH_LINGER", "0s");

  /** Milliseconds. */
  private static final double AIM_REPAIR = 1000;

  private final BerthProcess berth;
  private final Optional<RcloneProcess> rclone;
  private final S3Store store;
  private final Path bare;
  private final Scale scale;

  /** {@code store} runs; {@code bare} is made if there is to be a client without Berth. */
  S3Mounts(
      BerthProcess berth, Optional<RcloneProcess> rclone, S3Store store, Path bare, Scale scale) {
    this.berth = berth;
    this.rclone = rclone;
    this.store = store;
    this.bare = bare;
    this.scale = scale;
  }

  List<Row> run() {
    berth.start();
    rclone.ifPresent(RcloneProcess::start);
    List<Row> rows = new ArrayList<>(mounts());
    rows.addAll(transfers());
    rows.addAll(repairs());
    berth.stop();
    rclone.ifPresent(RcloneProcess::stop);
    return rows;
  }

  private List<Row> mounts() {
    for (String client : List.of("rclone", "s3fs")) {
      berth.client().create(client, Map.of("backend", "s3", "client", client)).orFail();
    }
    rclone.ifPresent(it -> it.client().create("rclone", served()).orFail());
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    turns.put("rclone", mount(berth.client(), "rclone"));
    turns.put("s3fs", mount(berth.client(), "s3fs"));
    rclone.ifPresent(it -> turns.put("peer", mount(it.client(), "rclone")));
    Map<String, Samples> samples = new Rounds(1, scale.lives()).run(turns);
    Optional<Samples> peer = Optional.ofNullable(samples.get("peer"));
    return List.of(
        Row.of("s3: Mount to answer, client rclone", samples.get("rclone"))
            .beside("rclone serve docker", peer, samples.get("rclone")),
        Row.of("s3: Mount to answer, client s3fs", samples.get("s3fs"))
            .beside("rclone serve docker", peer, samples.get("s3fs")));
  }

  private static Rounds.Turn mount(PluginClient client, String volume) {
    return Rounds.Turn.once(
        () -> client.mount(volume, "bench").orFail(),
        () -> client.unmount(volume, "bench").orFail());
  }

  private Map<String, String> served() {
    return Map.of(
        "type",
        "s3",
        "path",
        S3Store.BUCKET + "/served",
        "s3-provider",
        "Other",
        "s3-endpoint",
        store.endpoint().toString(),
        "s3-region",
        "us-east-1",
        "s3-force-path-style",
        "true",
        "s3-access-key-id",
        S3Store.ACCESS_KEY,
        "s3-secret-access-key",
        S3Store.SECRET_KEY);
  }

  private List<Row> transfers() {
    Path mounted = Path.of(berth.client().mount("s3fs", "bench").mountpoint());
    try {
      if (scale.peers()) {
        mountBare();
      }
      String size = scale.fileMebibytes() + " MiB";
      return List.of(
          row("s3: write of " + size + ", client s3fs", mounted, S3Mounts::write),
          row("s3: read of " + size + ", client s3fs", mounted, S3Mounts::read));
    } finally {
      if (scale.peers()) {
        Run.of("umount", bare.toString()).run();
      }
      berth.client().unmount("s3fs", "bench").orFail();
    }
  }

  /** A volume for each kill: one whose client goes on dying is repaired after growing pauses. */
  private List<Row> repairs() {
    List<Row> rows = new ArrayList<>();
    for (String client : List.of("rclone", "s3fs")) {
      long[] nanos = new long[scale.lives()];
      for (int i = 0; i < nanos.length; i++) {
        nanos[i] = repair("repair-%s-%d".formatted(client, i), client);
      }
      rows.add(
          Row.limit(
              "s3: kill -9 of %s, until its volume is written and read again in another mount namespace"
                  .formatted(client),
              Samples.of(nanos),
              AIM_REPAIR));
    }
    return rows;
  }

  private long repair(String volume, String client) {
    berth.client().create(volume, Map.of("backend", "s3", "client", client)).orFail();
    Path mounted = Path.of(berth.client().mount(volume, "bench").mountpoint());
    try {
      Files.createDirectories(bare.resolveSibling(volume));
      Files.createDirectory(mounted.resolve("sub"));
      try (OtherNamespace container = new OtherNamespace(mounted, bare.resolveSibling(volume))) {
        Path file = container.at("whole/file");
        Files.writeString(file, "before");
        String pid = berth.client().get(volume).volume().at("/Status/clientPid").asText();
        long killed = System.nanoTime();
        Run.of("kill", "-KILL", pid).succeed();
        while (!isWritten(file)) {
          Async.pause(Duration.ofMillis(2));
        }
        return System.nanoTime() - killed;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      berth.client().unmount(volume, "bench").orFail();
    }
  }

  private static boolean isWritten(Path file) {
    try {
      Files.writeString(file, "after");
      return Files.readString(file).equals("after");
    } catch (IOException e) {
      return false;
    }
  }

  /** What is done with a file of that many mebibytes. */
  private interface Transfer {
    void run(Path file, int mebibytes);
  }

  private Row row(String what, Path mounted, Transfer transfer) {
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    turns.put("berth", turn(mounted, transfer));
    if (scale.peers()) {
      turns.put("bare", turn(bare, transfer));
    }
    Map<String, Samples> samples = new Rounds(1, scale.transfers()).run(turns);
    return Row.of(what, samples.get("berth"))
        .beside("s3fs alone", Optional.ofNullable(samples.get("bare")), samples.get("berth"));
  }

  private Rounds.Turn turn(Path directory, Transfer transfer) {
    Path file = directory.resolve("file");
    return Rounds.Turn.once(() -> transfer.run(file, scale.fileMebibytes()), () -> {});
  }

  private static void write(Path file, int mebibytes) {
    Run.of("dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=" + mebibytes).succeed();
  }

  private static void read(Path file, int mebibytes) {
    Run.of("dd", "if=" + file, "of=/dev/null", "bs=1M", "count=" + mebibytes).succeed();
  }

  /** With the options that Berth gives it, as far as they concern the transfer. */
  private void mountBare() {
    try {
      Files.createDirectories(bare);
      Path keys = bare.resolveSibling("bare-keys");
      Files.writeString(keys, S3Store.ACCESS_KEY + ":" + S3Store.SECRET_KEY + "\n");
      Run.of("chmod", "600", keys.toString()).succeed();
      String options =
          "url=%s,endpoint=us-east-1,sigv4,allow_other,dbglevel=err,connect_timeout=10,readwrite_timeout=60,stat_cache_expire=60,tmpdir=%s,ensure_diskfree=256,use_path_request_style,passwd_file=%s"
              .formatted(store.endpoint(), bare.getParent(), keys);
      Run.of("s3fs", S3Store.BUCKET + ":/s3fs", bare.toString(), "-o", options).succeed();
      Run.of("stat", bare.toString()).succeed();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
