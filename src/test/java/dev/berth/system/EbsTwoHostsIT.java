package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.ec2sim.Delay;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.Async;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.CleanUp;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.SimulatedCloud;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two Berths, each on an instance and with a ledger of its own, and one volume. The system property
 * {@code berth.race.rounds} says how often they race for it.
 */
@Rule(8)
@RequiresSystem(engine = false)
class EbsTwoHostsIT {
  private static final Logger LOG = Logger.getLogger(EbsTwoHostsIT.class);
  private static final int ROUNDS = Integer.getInteger("berth.race.rounds", 40);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String VOLUME = "raced";
  private static final int ADOPTERS = 8;

  private final AtomicInteger owners = new AtomicInteger();
  private final CleanUp cleanUp = new CleanUp();
  private Path work;
  private Ec2Simulator simulator;
  private List<Host> hosts = List.of();

  /** A Berth and its instance. */
  private record Host(BerthProcess berth, String instance) {}

  @BeforeEach
  void start() throws IOException {
    work = Files.createTempDirectory("berth-race-");
    cleanUp.add(
        "delete " + work,
        () -> Run.of("rm", "-rf", "--one-file-system", "--", work.toString()).succeed());
    cleanUp.add("leave the host as it was", () -> new LeftoverCheck(work).failIfAny());
    simulator = Ec2Simulator.withDevices(work.resolve("cloud"));
    cleanUp.add("end the cloud", simulator::close);
    for (Delay delay : List.of(Delay.ATTACH, Delay.DEVICE, Delay.DETACH)) {
      simulator.set(delay, Duration.ofMillis(5));
    }
    hosts = List.of(host("a"), host("b"));
    for (Host host : hosts) {
      cleanUp.add("stop Berth on " + host.instance(), () -> stop(host.berth()));
      host.berth().start();
    }
  }

  private static void stop(BerthProcess berth) {
    if (berth.isRunning()) {
      berth.stop();
    }
  }

  private Host host(String name) {
    String instance = simulator.runInstance();
    Map<String, String> settings = new HashMap<>(SimulatedCloud.settings(simulator, instance));
    settings.put("BERTH_LINGER", "0s");
    Path log = Path.of("target", "system-test-logs", "EbsTwoHostsIT", name + ".log");
    return new Host(
        new BerthProcess(
            work.resolve(name), work.resolve(name + ".sock"), log.toAbsolutePath(), settings),
        instance);
  }

  @AfterEach
  void end() {
    cleanUp.run();
  }

  @Test
  void aVolumeThatTwoHostsRaceForIsNeverAttachedTwiceAndNeverHasTwoOwners() throws IOException {
    BerthProcess first = hosts.getFirst().berth();
    BerthProcess second = hosts.getLast().berth();
    first.client().create(VOLUME, Map.of("size", "1GiB")).orFail();
    use(hosts.getFirst());
    String id = simulator.volumes().getFirst().id();
    await("a volume that is free")
        .atMost(LIMIT)
        .until(() -> simulator.volumes().getFirst().attachment().isEmpty());
    // Each host has a ledger of its own, and a volume that is another's is not adopted.
    simulator.untag(id, "berth:volume-id");
    second.client().create(VOLUME, Map.of("volumeId", id)).orFail();
    long start = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      List<Future<Boolean>> turns =
          hosts.stream().map(host -> Async.start(() -> use(host))).toList();
      turns.forEach(turn -> assertThat(Async.get(turn, LIMIT)).isTrue());
    }
    LOG.infof(
        "%d rounds in %d s; %s",
        ROUNDS, Duration.ofNanos(System.nanoTime() - start).toSeconds(), simulator.calls());
    assertThat(simulator.history().everAttachedTwice(id)).isFalse();
    assertThat(written(first)).hasSize(1 + 2 * ROUNDS);
    second.client().remove(VOLUME).orFail();
    first.client().remove(VOLUME).orFail();
    await("a volume that goes")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(simulator.volumes()).isEmpty());
  }

  @Test
  void ofManyCreatesThatAdoptAVolumeAtOnceOneSucceeds() {
    BerthProcess first = hosts.getFirst().berth();
    PluginClient second = hosts.getLast().berth().client();
    first.client().create(VOLUME, Map.of("size", "1GiB")).orFail();
    String id = simulator.volumes().getFirst().id();
    assertThat(second.create("early", Map.of("volumeId", id)).error())
        .contains(id + " is not adopted", "berth:volume-id");
    simulator.untag(id, "berth:volume-id");
    List<Future<Reply>> creates =
        IntStream.range(0, ADOPTERS)
            .mapToObj(
                number ->
                    Async.start(() -> second.create("adopter" + number, Map.of("volumeId", id))))
            .toList();
    List<String> errors =
        creates.stream()
            .map(create -> Async.get(create, LIMIT).error())
            .filter(error -> !error.isEmpty())
            .toList();
    assertThat(errors).hasSize(ADOPTERS - 1);
    String adopter = second.names().getFirst();
    assertThat(errors)
        .allMatch(error -> error.contains("%s is the volume %s already".formatted(id, adopter)));
    assertThat(second.names()).containsExactly(adopter);
    second.remove(adopter).orFail();
    first.client().remove(VOLUME).orFail();
  }

  /** Mounts it, is its only owner for a moment, writes a line, and lets it go. */
  private boolean use(Host host) {
    Path data = Path.of(host.berth().client().mount(VOLUME, "x").orFail().mountpoint());
    assertThat(owners.incrementAndGet()).as("owners").isEqualTo(1);
    try {
      assertThat(simulator.volumes().getFirst().attachment().orElseThrow().instanceId())
          .isEqualTo(host.instance());
      Files.writeString(
          data.resolve("log"),
          host.instance() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      owners.decrementAndGet();
    }
    host.berth().client().unmount(VOLUME, "x").orFail();
    return true;
  }

  private List<String> written(BerthProcess berth) throws IOException {
    Path data = Path.of(berth.client().mount(VOLUME, "y").orFail().mountpoint());
    List<String> lines = Files.readAllLines(data.resolve("log"));
    berth.client().unmount(VOLUME, "y").orFail();
    assertThat(IntStream.range(0, 2)).allMatch(host -> lines.contains(hosts.get(host).instance()));
    return lines;
  }
}
