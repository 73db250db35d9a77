package dev.berth.bench;

import dev.berth.bench.StepLog.Passed;
import dev.berth.bench.StepLog.Program;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.PluginClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where the time of a Mount goes, step by step, and that of the Unmount that lets the volume go:
 * medians over new volumes, each mounted twice.
 */
final class MountSteps {
  static final Map<String, String> SETTINGS =
      Map.of("BERTH_LOG_LEVEL", "DEBUG", "BERTH_LINGER", "0s");
  private static final String HEAD =
      """
      | step | first mount | mount | programs in it |
      |---|---|---|---|
      """;

  private final BerthProcess berth;
  private final StepLog log;
  private final Scale scale;
  private final Map<String, Medians> steps = new LinkedHashMap<>();

  /** What is known of one step. */
  private static final class Medians {
    private final List<Long> first = new ArrayList<>();
    private final List<Long> later = new ArrayList<>();
    private final Map<Integer, String> programs = new TreeMap<>();
    private final Map<Integer, List<Long>> times = new TreeMap<>();
  }

  MountSteps(BerthProcess berth, StepLog log, Scale scale) {
    this.berth = berth;
    this.log = log;
    this.scale = scale;
  }

  /** The table. */
  String run() {
    berth.start();
    PluginClient client = berth.client();
    for (int life = -1; life < scale.lives(); life++) {
      boolean counts = life >= 0;
      client.create("steps", Map.of("size", "1GiB")).orFail();
      take(counts, true, "Mount, seen by the caller", () -> client.mount("steps", "a").orFail());
      client.unmount("steps", "a").orFail();
      take(counts, false, "Mount, seen by the caller", () -> client.mount("steps", "a").orFail());
      String joined = "Mount of a mounted volume, seen by the caller";
      take(counts, false, joined, () -> client.mount("steps", "b").orFail());
      client.unmount("steps", "b").orFail();
      String unmount = "Unmount and release, seen by the caller";
      take(counts, false, unmount, () -> client.unmount("steps", "a").orFail());
      client.remove("steps").orFail();
    }
    berth.stop();
    return steps.entrySet().stream()
        .map(step -> line(step.getKey(), step.getValue()))
        .collect(Collectors.joining("", HEAD, ""));
  }

  private void take(boolean counts, boolean first, String whole, Runnable call) {
    long started = System.nanoTime();
    List<Passed> passed = new ArrayList<>(log.during(call));
    passed.add(new Passed("**" + whole + "**", micros(started), List.of()));
    if (counts) {
      passed.forEach(step -> add(step, first));
    }
  }

  private void add(Passed passed, boolean first) {
    Medians known = steps.computeIfAbsent(passed.step(), name -> new Medians());
    (first ? known.first : known.later).add(passed.micros());
    for (int i = 0; i < passed.programs().size(); i++) {
      Program program = passed.programs().get(i);
      known.programs.put(i, program.name());
      known.times.computeIfAbsent(i, place -> new ArrayList<>()).add(program.micros());
    }
  }

  private static String line(String step, Medians known) {
    String programs =
        known.programs.entrySet().stream()
            .map(program -> program.getValue() + " " + median(known.times.get(program.getKey())))
            .collect(Collectors.joining(", "));
    String name = step.startsWith("*") ? step : step.toLowerCase(Locale.ROOT).replace('_', ' ');
    return "| %s | %s | %s | %s |%n"
        .formatted(name, median(known.first), median(known.later), programs);
  }

  private static String median(List<Long> micros) {
    if (micros.isEmpty()) {
      return "";
    }
    long[] nanos = micros.stream().mapToLong(time -> time * 1000).toArray();
    return Samples.time(Samples.of(nanos).median());
  }

  private static long micros(long started) {
    return (System.nanoTime() - started) / 1000;
  }
}
