package dev.berth.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Ports;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What any user of the host can do to Berth by its one port, and by the directory all users share.
 */
@Rule(17)
@RequiresSystem(engine = false)
class ManagementPortIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NOBODY = 65_534;
  private static final int TRIED = 19_000;
  private static final long MOST_DESCRIPTORS = 500;

  @Test
  @DisplayName("All the connections a stranger can hold: Docker is served, and so is health")
  void idleConnections() throws IOException {
    BED.client().create("calm", Map.of()).orFail();
    try (Stranger stranger = hoarder(BED.berth().managementPort())) {
      assertThat(Integer.parseInt(stranger.line())).isGreaterThan(1_000);
      ask().get("/q/health/live").then().statusCode(200);
      await().atMost(LIMIT).until(() -> descriptors() < MOST_DESCRIPTORS);
      BED.client().get("calm").orFail();
      BED.client().mount("calm", "x").orFail();
      BED.client().unmount("calm", "x").orFail();
    }
    ask().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
  }

  @Test
  @DisplayName("A connection that says nothing is ended")
  void silentConnection() throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), BED.berth().managementPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  @DisplayName("However many ask whether Berth is ready, the host is looked at once in 5 seconds")
  void oneProbeForAll() throws IOException {
    ask().get("/q/health/ready").then().statusCode(200);
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      BED.root().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      long start = System.nanoTime();
      for (int i = 0; i < 300; i++) {
        ask().get("/q/health/ready").then().statusCode(200);
      }
      long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
      assertThat(probes(watch)).isLessThanOrEqualTo(seconds / 5 + 2);
    }
  }

  private static long probes(WatchService watch) {
    WatchKey key = watch.poll();
    return key == null
        ? 0
        : key.pollEvents().stream()
            .filter(event -> String.valueOf(event.context()).startsWith("check"))
            .count();
  }

  @Test
  @DisplayName("Only GET and HEAD, without a body, under a name of this host")
  void readOnly() {
    for (String path : List.of("/q/health", "/q/health/ready", "/q/metrics", "/nothing")) {
      for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
        ask().request(method, path).then().statusCode(405);
      }
      ask().header("Host", "evil.example:9427").get(path).then().statusCode(421);
      ask().header("Host", "127.0.0.1.evil.example").get(path).then().statusCode(421);
      ask().body("{}").get(path).then().statusCode(400);
    }
    for (String name : List.of("localhost", "LocalHost:9427", "127.0.0.1", "[::1]:80")) {
      ask().header("Host", name).get("/q/health/live").then().statusCode(200);
      ask().header("Host", name).head("/q/metrics").then().statusCode(200);
    }
  }

  @Test
  @DisplayName("A stranger holds the port: Berth serves Docker, says so, and takes the port later")
  void portTaken() throws IOException {
    BerthProcess berth = BED.berth();
    berth.stop();
    int port = Ports.free();
    berth.override(Map.of(BerthProcess.MANAGEMENT_PORT, "" + port));
    try (Stranger stranger = listener(port)) {
      assertThat(stranger.line()).isEqualTo("listens");
      berth.start();
      BED.client().create("served", Map.of()).orFail();
      assertThat(berth.lastWords()).contains("health and metrics are not served: port " + port);
      assertThat(berth.command("doctor").run().out()).contains("not served: port " + port);
    } finally {
      berth.override(Map.of());
    }
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> ask().get("/q/health/live").statusCode() == 200);
    assertThat(berth.command("doctor").run().out()).contains("are served on port " + port);
  }

  @Test
  @DisplayName("The directory that all users share is spoilt and read-only: it is not used")
  void sharedDirectory() throws IOException {
    BED.berth().stop();
    Path work = Files.createTempDirectory(Path.of("/var/tmp"), "berth-it-");
    Path log = Path.of("target", "system-test-logs", "ManagementPortIT", "no-tmp.log");
    BerthProcess berth =
        new BerthProcess(
            work.resolve("root"), work.resolve("berth.sock"), log.toAbsolutePath(), Map.of());
    try (SpoiltTmp spoilt = new SpoiltTmp()) {
      berth.start();
      berth.client().create("sound", Map.of("size", "64MiB")).orFail();
      given().port(berth.managementPort()).get("/q/health/live").then().statusCode(200);
      berth.kill();
      berth.start();
      berth.client().remove("sound").orFail();
      berth.stop();
      assertThat(spoilt.files()).containsExactly(SpoiltTmp.CACHE);
    } finally {
      if (berth.isRunning()) {
        berth.kill();
      }
      Run.of("rm", "-rf", "--one-file-system", "--", work.toString()).succeed();
    }
  }

  /** Keeps all connections it gets, says how many those are, and ends when its input does. */
  private static Stranger hoarder(int port) throws IOException {
    return new Stranger(
        "bash",
        "-c",
        "for i in $(seq %d); do exec {fd}<>/dev/tcp/127.0.0.1/%d || break; done 2>/dev/null; echo $i; read -r end"
            .formatted(TRIED, port));
  }

  private static Stranger listener(int port) throws IOException {
    return new Stranger(
        "perl",
        "-MIO::Socket::INET",
        "-e",
        "$|=1; my $s=IO::Socket::INET->new(LocalAddr=>'127.0.0.1:%d',Listen=>1,ReuseAddr=>1) or die; print qq(listens\n); <STDIN>"
            .formatted(port));
  }

  private static long descriptors() {
    return Traces.list(Path.of("/proc", "" + BED.berth().pid(), "fd")).size();
  }

  private static RequestSpecification ask() {
    return given().port(BED.berth().managementPort());
  }

  /** A program run by a user without rights, until it is closed. */
  private static final class Stranger implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Stranger(String... command) throws IOException {
      List<String> line = new ArrayList<>(List.of("setpriv", "--reuid", "" + NOBODY));
      line.addAll(List.of("--regid", "" + NOBODY, "--clear-groups"));
      line.addAll(List.of(command));
      process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      output = process.inputReader();
    }

    /** What it says next. */
    String line() throws IOException {
      CompletableFuture<Void> said = Async.watchdog(LIMIT, process::destroyForcibly);
      String line = String.valueOf(output.readLine());
      said.complete(null);
      return line;
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  /** A small filesystem over /tmp, with a stranger's file in Vert.x's place, and read-only. */
  private static final class SpoiltTmp implements AutoCloseable {
    static final Path CACHE = Path.of("/tmp/vertx-cache");

    SpoiltTmp() throws IOException {
      run("mount", "-t", "tmpfs", "tmpfs", "/tmp");
      Files.createFile(CACHE);
      Files.setAttribute(CACHE, "unix:uid", NOBODY);
      run("mount", "-o", "remount,ro", "/tmp");
    }

    List<Path> files() {
      return Traces.list(Path.of("/tmp"));
    }

    /** {@link Run} keeps what programs print in files in /tmp. */
    private static void run(String... command) throws IOException {
      assertThat(new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue())
          .isZero();
    }

    @Override
    public void close() throws IOException {
      run("umount", "--lazy", "/tmp");
    }
  }
}
