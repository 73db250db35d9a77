package dev.berth.bench;

import dev.berth.testing.Async;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code docker run --rm -v} on a volume that exists, with the three drivers in turn. Berth takes
 * part twice: as it is delivered, where the volume is still mounted from the turn before, and with
 * hardly any linger, where each turn attaches, checks and mounts it.
 */
final class DockerRuns {
  private static final int WARM_UP = 3;
  private static final double AIM_LOCAL = 1.10;
  private static final double AIM_RCLONE = 0.90;
  private static final Duration RELEASE = Duration.ofSeconds(20);
  private static final String VOLUME = "bench";

  private final BenchBed bed;
  private final DockerEngine engine;
  private final Scale scale;

  DockerRuns(BenchBed bed, DockerEngine engine, Scale scale) {
    this.bed = bed;
    this.engine = engine;
    this.scale = scale;
  }

  List<Row> run() {
    BerthProcess berth = bed.berth("berth", Map.of());
    BerthProcess cold = bed.berth("cold", Map.of("BERTH_LINGER", "50ms"));
    RcloneProcess rclone = bed.rclone("rclone");
    berth.start();
    cold.start();
    rclone.start();
    engine.start();
    Images.importInto(engine, bed.directory("engine"));
    create("local", Map.of());
    create(bed.driver("berth"), Map.of("size", "1GiB"));
    create(bed.driver("cold"), Map.of("size", "1GiB"));
    create(bed.driver("rclone"), rclone.options(VOLUME));

    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    turns.put("local", Rounds.Turn.once(() -> docker("local"), () -> {}));
    turns.put("berth", Rounds.Turn.once(() -> docker(bed.driver("berth")), () -> {}));
    turns.put("rclone", Rounds.Turn.once(() -> docker(bed.driver("rclone")), () -> {}));
    turns.put(
        "cold", Rounds.Turn.once(() -> docker(bed.driver("cold")), () -> awaitReleased("cold")));
    Map<String, Samples> samples = new Rounds(WARM_UP, scale.runs()).run(turns);
    removeVolumes();
    return rows(samples);
  }

  private static List<Row> rows(Map<String, Samples> samples) {
    Samples local = samples.get("local");
    Samples rclone = samples.get("rclone");
    String again = "`docker run --rm -v`, the volume used within the last 5 s";
    String first = "`docker run --rm -v`, the volume not attached";
    List<Row> rows = new ArrayList<>();
    rows.add(Row.ratio(again, samples.get("berth"), "`local`", local, AIM_LOCAL));
    rows.add(Row.ratio(again, samples.get("berth"), "rclone", rclone, AIM_RCLONE));
    rows.add(Row.ratio(first, samples.get("cold"), "`local`", local, AIM_LOCAL));
    rows.add(Row.ratio(first, samples.get("cold"), "rclone", rclone, AIM_RCLONE));
    return rows;
  }

  private void create(String driver, Map<String, String> options) {
    List<String> line = new ArrayList<>(List.of("volume", "create", "--driver", driver));
    options.forEach((name, value) -> line.addAll(List.of("--opt", name + "=" + value)));
    line.add(volume(driver));
    engine.docker(line.toArray(String[]::new));
  }

  private void docker(String driver) {
    engine.docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--volume-driver",
        driver,
        "--volume",
        volume(driver) + ":/m",
        Images.PLAIN,
        "true");
  }

  private static String volume(String driver) {
    return VOLUME + "-" + driver;
  }

  private void awaitReleased(String name) {
    Traces traces = new Traces(bed.directory(name));
    long end = System.nanoTime() + RELEASE.toNanos();
    while (!traces.mounts().isEmpty() || !traces.loopDevices().isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not released within " + RELEASE);
      }
      Async.pause(Duration.ofMillis(10));
    }
  }

  private void removeVolumes() {
    awaitReleased("berth");
    engine.docker("volume", "ls", "--quiet").lines().stream()
        .filter(name -> name.startsWith(VOLUME))
        .forEach(name -> engine.docker("volume", "rm", name));
  }
}
