package dev.berth.bench;

import dev.berth.testing.PluginClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Volumes that are created and removed again, one after the other. */
final class Lives {
  private static final int TURNS = 10;

  private final Path berth;
  private final Optional<RcloneProcess> rclone;
  private final Scale scale;

  Lives(Path berth, Optional<RcloneProcess> rclone, Scale scale) {
    this.berth = berth;
    this.rclone = rclone;
    this.scale = scale;
  }

  List<Row> run() {
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    turns.put("berth", () -> pairs(berth, name -> Map.of("size", "16MiB")));
    rclone.ifPresent(it -> turns.put("rclone", () -> pairs(it.socket(), it::options)));
    Map<String, Samples> samples = new Rounds(1, TURNS).run(turns);
    return List.of(
        Row.of("create and remove, each of %,d".formatted(scale.pairs()), samples.get("berth"))
            .beside("rclone", Optional.ofNullable(samples.get("rclone")), samples.get("berth")));
  }

  private long[] pairs(Path socket, Function<String, Map<String, String>> options) {
    long[] took = new long[scale.pairs() / TURNS];
    String volume = "pair";
    var create =
        KeptOpen.request(
            "VolumeDriver.Create", Map.of("Name", volume, "Opts", options.apply(volume)));
    var remove = KeptOpen.request("VolumeDriver.Remove", Map.of("Name", volume));
    try (KeptOpen connection = new KeptOpen(socket)) {
      for (int i = 0; i < took.length; i++) {
        long started = System.nanoTime();
        connection.call(create);
        connection.call(remove);
        took[i] = System.nanoTime() - started;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new PluginClient(socket).names().forEach(Lives::refuse);
    return took;
  }

  private static void refuse(String name) {
    if (name.equals("pair")) {
      throw new AssertionError("volume pair was not removed");
    }
  }
}
