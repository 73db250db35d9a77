package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.Placed;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RecordingProxy;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the engine finds Berth, also when Berth is late. */
@RequiresSystem
class DiscoveryIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private static final Path SOCKETS = Path.of("/run/docker/plugins");
  private static final Path SPECS = Path.of("/etc/docker/plugins");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  /** A plugin that takes connections and never answers: whoever asks it waits for good. */
  @Test
  @DisplayName("14: another plugin that is dead does not hold up creating ours")
  void case14_deadForeignPlugin() throws IOException {
    Path spec = SPECS.resolve(BED.driver() + "dead.spec");
    try (ServerSocket dead = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Placed placed = Placed.at(spec, "tcp://127.0.0.1:" + dead.getLocalPort())) {
      assertThat(placed.file()).exists();
      containers.create("c14");
      engine.docker("volume", "create", "c14-local");
    }
    engine.docker("volume", "rm", "c14-local");
  }

  @Test
  @DisplayName("15: a run succeeds when Berth starts two seconds late")
  void case15_berthTwoSecondsLate() {
    BED.berth().stop();
    Future<Output> run = Async.start(() -> containers.run("c15", "echo late > /m/f; cat /m/f"));
    Async.pause(Duration.ofSeconds(2));
    BED.berth().start();
    assertThat(Async.get(run, LIMIT).text()).isEqualTo("late");
  }

  @Test
  @DisplayName("29: Berth is found by socket in a folder, by .spec and by .json")
  void case29_waysToBeFound() throws IOException {
    Path socket = BED.berth().socket();
    String name = BED.driver();
    Path nested = SOCKETS.resolve(name + "n").resolve(name + "n.sock");
    String url = "unix://" + socket;
    String json = PluginClient.json(Map.of("Name", "ignored", "Addr", url));
    try (RecordingProxy proxy = new RecordingProxy(nested, socket);
        Placed spec = Placed.at(SPECS.resolve(name + "s.spec"), url);
        Placed object = Placed.at(SPECS.resolve(name + "j.json"), json)) {
      proxy.start();
      for (String way : new String[] {"n", "s", "j"}) {
        Output created = new Containers(engine, name + way).create("c29" + way);
        assertThat(created.text()).isEqualTo("c29" + way);
        engine.docker("volume", "rm", "c29" + way);
      }
      assertThat(proxy.count("Create", "c29n")).isEqualTo(1);
      assertThat(spec.file()).exists();
      assertThat(object.file()).exists();
    } finally {
      Files.deleteIfExists(nested.getParent());
    }
  }

  @Test
  @DisplayName("29: the socket goes before a .spec of the same name")
  void case29_socketFirst() throws IOException {
    String name = BED.driver() + "both";
    Path first = SOCKETS.resolve(name + ".sock");
    try (RecordingProxy proxy = new RecordingProxy(first, BED.berth().socket());
        Placed spec = Placed.at(SPECS.resolve(name + ".spec"), "tcp://127.0.0.1:9")) {
      proxy.start();
      assertThat(spec.file()).exists();
      new Containers(engine, name).create("c29both");
      assertThat(proxy.count("Create", "c29both")).isEqualTo(1);
      engine.docker("volume", "rm", "c29both");
    }
  }

  /**
   * Berth takes no socket from systemd: the engine's own retry, 15 s, is what bridges the gap; so a
   * Berth five seconds late stands for the case.
   */
  @Test
  @DisplayName("66: an engine started before Berth waits for it and loses nothing")
  void case66_engineStartedBeforeBerth() {
    engine.docker("volume", "create", "-d", BED.driver(), "--label", "team=db", "c66");
    containers.start("c66-user", "c66", "--restart", "always");
    containers.exec("c66-user", "echo kept > /m/f");
    engine.stop();
    BED.awaitReleased("c66");
    BED.berth().stop();
    engine.launch();
    Async.pause(Duration.ofSeconds(5));
    BED.berth().start();
    engine.awaitReady(LIMIT);
    await().atMost(LIMIT).until(() -> containers.state("c66-user").equals("running"));
    assertThat(containers.exec("c66-user", "cat /m/f").text()).isEqualTo("kept");
    assertThat(containers.inspect("c66", "{{.Labels.team}}")).isEqualTo("db");
  }
}
