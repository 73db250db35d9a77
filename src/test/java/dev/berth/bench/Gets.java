package dev.berth.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Get, which the engine calls most of all. With more clients than processors the median says little
 * alone: a server that goes on with whoever calls next keeps some waiting until half of all calls
 * are fast, one that takes them in turn makes all wait alike.
 */
final class Gets {
  private static final double AIM = 1.0;

  private final Path berth;
  private final Optional<Path> rclone;
  private final String volume;
  private final Scale scale;

  /** Both have the volume. */
  Gets(Path berth, Optional<Path> rclone, String volume, Scale scale) {
    this.berth = berth;
    this.rclone = rclone;
    this.volume = volume;
    this.scale = scale;
  }

  List<Row> run() {
    List<Row> rows = new ArrayList<>();
    for (int clients : new int[] {1, 8}) {
      ByteBuffer get = KeptOpen.request("VolumeDriver.Get", Map.of("Name", volume));
      Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
      turns.put("berth", new Load(berth, get, clients, scale.calls()));
      rclone.ifPresent(
          socket -> turns.put("rclone", new Load(socket, get, clients, scale.calls())));
      Map<String, Samples> samples = new Rounds(2, scale.getRounds()).run(turns);
      String what = clients == 1 ? "Get, 1 client" : "Get, %d clients".formatted(clients);
      Samples ours = samples.get("berth");
      Optional<Samples> others = Optional.ofNullable(samples.get("rclone"));
      rows.add(Row.percentiles(what + ", p50", 50, ours, "rclone", others, AIM));
      rows.add(Row.percentiles(what + ", p99", 99, ours, "rclone", others, AIM));
      rows.add(Row.means(what + ", mean", ours, "rclone", others));
    }
    return rows;
  }
}
