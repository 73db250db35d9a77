package dev.berth.bench;

import dev.berth.testing.BerthProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From the start of {@code bin/berth serve} to its first answer, with few volumes and with many.
 */
final class Starts {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final double AIM_MILLIS = 350;

  private final BerthProcess few;
  private final BerthProcess many;
  private final Optional<RcloneProcess> rclone;
  private final Scale scale;

  Starts(BerthProcess few, BerthProcess many, Optional<RcloneProcess> rclone, Scale scale) {
    this.few = few;
    this.many = many;
    this.rclone = rclone;
    this.scale = scale;
  }

  List<Row> run() {
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    List<Long> processor = new ArrayList<>();
    turns.put(
        "few",
        Rounds.Turn.once(
            () -> start(few::launch, few.socket()),
            () -> {
              processor.add(Machine.processorNanos(few.pid()));
              few.stop();
            }));
    rclone.ifPresent(
        it ->
            turns.put("rclone", Rounds.Turn.once(() -> start(it::launch, it.socket()), it::stop)));
    turns.put("many", Rounds.Turn.once(() -> start(many::launch, many.socket()), many::stop));
    Map<String, Samples> samples = new Rounds(1, scale.starts()).run(turns);
    long[] spent = processor.stream().mapToLong(Long::longValue).toArray();
    return List.of(
        Row.limit("start to first answer", samples.get("few"), AIM_MILLIS)
            .beside("rclone", Optional.ofNullable(samples.get("rclone")), samples.get("few")),
        Row.of("… processor time of that", Samples.of(spent)),
        Row.of("… with %,d volumes".formatted(scale.rows()), samples.get("many")));
  }

  private static void start(Runnable launch, Path socket) {
    launch.run();
    FirstAnswer.await(socket, LIMIT);
  }
}
