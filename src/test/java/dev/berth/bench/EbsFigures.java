package dev.berth.bench;

import dev.berth.testing.Async;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What EBS volumes cost beside what EC2 takes: the time of a Mount next to that of a loop volume,
 * the calls of a volume's life, and start and memory of a Berth that speaks to EC2.
 */
final class EbsFigures {
  /** Volumes are released with their Unmount. */
  static final Map<String, String> AT_ONCE = Map.of("BERTH_LINGER", "0s");

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final double MOUNT_AIM_MILLIS = 50;
  private static final double CALLS_AIM = 6;
  private static final String VOLUME = "figures";
  private static final Map<String, String> OPTIONS = Map.of("size", "1GiB");

  private final EbsBed ebs;
  private final BerthProcess loop;
  private final Scale scale;

  EbsFigures(EbsBed ebs, BerthProcess loop, Scale scale) {
    this.ebs = ebs;
    this.loop = loop;
    this.scale = scale;
  }

  List<Row> run() {
    ebs.berth().start();
    loop.start();
    long fresh = Machine.resident(ebs.berth().pid());
    Map<String, Samples> mounts = mounts();
    long used = Machine.resident(ebs.berth().pid());
    loop.stop();
    double alone = callsAlone();
    double together = callsTogether();
    long stormed = Machine.resident(ebs.berth().pid());
    ebs.berth().stop();
    Samples starts = starts();
    Samples mount = mounts.get("ebs");
    return List.of(
        Row.limit("EBS: Mount, with an EC2 that takes no time", mount, MOUNT_AIM_MILLIS)
            .beside("loop", Optional.ofNullable(mounts.get("loop")), mount),
        Row.count("EBS: calls of a life", alone, CALLS_AIM),
        Row.count(
            "EBS: calls of a life, %d at once".formatted(scale.atOnce()), together, CALLS_AIM),
        Row.of("EBS: start to first answer", starts),
        Row.memory("EBS: resident memory at the start", fresh, "", Optional.empty()),
        Row.memory("EBS: … with the EC2 client in use", used, "", Optional.empty()),
        Row.memory(
            "EBS: … after %d lives at once".formatted(scale.atOnce()),
            stormed,
            "",
            Optional.empty()));
  }

  private Map<String, Samples> mounts() {
    Map<String, Rounds.Turn> turns = new LinkedHashMap<>();
    for (Map.Entry<String, PluginClient> one :
        Map.of("ebs", ebs.berth().client(), "loop", loop.client()).entrySet()) {
      PluginClient client = one.getValue();
      client.create(VOLUME, OPTIONS).orFail();
      turns.put(
          one.getKey(),
          Rounds.Turn.once(
              () -> client.mount(VOLUME, "x").orFail(),
              () -> client.unmount(VOLUME, "x").orFail()));
    }
    Map<String, Samples> samples = new Rounds(2, scale.lives()).run(turns);
    ebs.berth().client().remove(VOLUME).orFail();
    loop.client().remove(VOLUME).orFail();
    return samples;
  }

  private double callsAlone() {
    ebs.simulator().calls().reset();
    for (int life = 0; life < scale.lives(); life++) {
      live(VOLUME + life);
    }
    return ebs.simulator().calls().total() / (double) scale.lives();
  }

  private double callsTogether() {
    ebs.simulator().calls().reset();
    List<Future<Boolean>> lives =
        IntStream.range(0, scale.atOnce())
            .mapToObj(number -> Async.start(() -> live("at-once-" + number)))
            .toList();
    lives.forEach(life -> Async.get(life, LIMIT));
    return ebs.simulator().calls().total() / (double) scale.atOnce();
  }

  private boolean live(String volume) {
    PluginClient client = new PluginClient(ebs.berth().socket(), LIMIT);
    insist(() -> client.create(volume, OPTIONS));
    insist(() -> client.mount(volume, "x"));
    insist(() -> client.unmount(volume, "x"));
    insist(() -> client.remove(volume));
    return true;
  }

  /** A call that is answered with what is still in progress is made again, and joins it. */
  private static void insist(Supplier<Reply> call) {
    Reply reply = call.get();
    while (reply.error().contains("still in progress")) {
      reply = call.get();
    }
    reply.orFail();
  }

  private Samples starts() {
    Rounds.Turn turn =
        Rounds.Turn.once(
            () -> {
              ebs.berth().launch();
              FirstAnswer.await(ebs.berth().socket(), LIMIT);
            },
            ebs.berth()::stop);
    return new Rounds(1, scale.starts()).run(Map.of("ebs", turn)).get("ebs");
  }
}
