package dev.berth.bench;

import dev.berth.testing.BerthProcess;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.S3Store;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Measures Berth next to its peers and prints the figures as Markdown. {@code --quick} leaves the
 * peers and the engine out and does everything only a few times: its figures say nothing, but that
 * the rest works. {@code --loop} measures the devices of loop volumes only, {@code --s3} the
 * volumes in S3.
 */
public final class Bench {
  private final PrintStream out;
  private final BenchBed bed;
  private final Scale scale;
  private final List<Row> rows = new ArrayList<>();

  private Bench(PrintStream out, BenchBed bed, Scale scale) {
    this.out = out;
    this.bed = bed;
    this.scale = scale;
  }

  public static void main(String... arguments) {
    try {
      switch (arguments.length == 0 ? "" : String.join(" ", arguments)) {
        case "" -> run(false, System.out);
        case "--quick" -> run(true, System.out);
        case "--loop" -> runOnly(Bench::measureLoop, System.out);
        case "--s3" -> runOnly(Bench::measureS3, System.out);
        default -> {
          System.err.println("usage: Bench [--quick | --loop | --s3]");
          System.exit(2);
        }
      }
    } catch (IllegalStateException | AssertionError e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Measures and prints. Whatever happens, nothing is left on the host. */
  static void run(boolean quick, PrintStream out) {
    Scale scale = quick ? Scale.QUICK : Scale.FULL;
    String peers = scale.peers() ? ", " + RcloneProcess.version() : "";
    try (BenchBed bed = new BenchBed()) {
      new Bench(out, bed, scale).measure(peers);
    }
  }

  /** Measures and prints one part only. */
  private static void runOnly(Consumer<Bench> part, PrintStream out) {
    try (BenchBed bed = new BenchBed()) {
      Bench bench = new Bench(out, bed, Scale.FULL);
      part.accept(bench);
      out.printf("%n%s%n%n%s", Machine.describe(), Row.HEAD);
      bench.rows.forEach(out::println);
    }
  }

  private void measure(String peers) {
    String machine = Machine.describe() + peers;
    if (scale.peers()) {
      machine += ", Docker " + measureDockerRuns();
    }
    measureServer();
    measureLoop();
    measureEbs();
    measureS3();
    String steps = measureSteps();
    out.printf("%n%s%n%n%s", machine, Row.HEAD);
    rows.forEach(out::println);
    out.printf("%n%s%n", steps);
  }

  /** Returns the version of the engine. */
  private String measureDockerRuns() {
    say("docker run");
    DockerEngine engine = bed.engine();
    rows.addAll(new DockerRuns(bed, engine, scale).run());
    String version = engine.version();
    engine.stop();
    return version;
  }

  private void measureServer() {
    BerthProcess berth = bed.berth("few", Map.of());
    BerthProcess many = bed.berth("many", Map.of());
    Optional<RcloneProcess> rclone =
        Optional.of(scale.peers()).filter(there -> there).map(there -> bed.rclone("alone"));
    say("memory");
    List<Row> memory = new Memory(berth, rclone, scale).run();
    say("calls");
    berth.start();
    rclone.ifPresent(RcloneProcess::start);
    berth.client().create("calls", Map.of("size", "64MiB")).orFail();
    rclone.ifPresent(it -> it.client().create("calls", it.options("calls")).orFail());
    rows.addAll(new Gets(berth.socket(), rclone.map(RcloneProcess::socket), "calls", scale).run());
    List<Row> lives = new Lives(berth.socket(), rclone, scale).run();
    berth.stop();
    rclone.ifPresent(RcloneProcess::stop);
    say("list");
    Lists lists = new Lists(many, bed.directory("many").resolve("ledger.db"), scale);
    lists.fill();
    List<Row> listed = lists.run();
    say("start");
    rows.addAll(new Starts(berth, many, rclone, scale).run());
    rows.addAll(memory);
    rows.addAll(listed);
    rows.addAll(lives);
  }

  private void measureLoop() {
    say("loop devices");
    BerthProcess berth = bed.berth("loopio", LoopFigures.SETTINGS);
    rows.addAll(new LoopFigures(berth, bed.directory("loopio"), scale).run());
  }

  private void measureEbs() {
    say("EBS volumes");
    try (EbsBed ebs = new EbsBed(bed)) {
      rows.addAll(new EbsFigures(ebs, bed.berth("loop", EbsFigures.AT_ONCE), scale).run());
    }
  }

  private void measureS3() {
    say("s3");
    S3Store store = bed.store();
    Map<String, String> settings = new HashMap<>(S3Mounts.SETTINGS);
    settings.putAll(store.settings());
    Optional<RcloneProcess> rclone =
        Optional.of(scale.peers()).filter(there -> there).map(there -> bed.rclone("s3alone"));
    rows.addAll(
        new S3Mounts(bed.berth("s3", settings), rclone, store, bed.directory("bare"), scale).run());
    store.stop();
  }

  private String measureSteps() {
    say("the steps of a mount");
    BerthProcess berth = bed.berth("steps", MountSteps.SETTINGS);
    return new MountSteps(berth, new StepLog(BenchBed.log("steps")), scale).run();
  }

  private static void say(String what) {
    System.err.println("bench: " + what);
  }
}
