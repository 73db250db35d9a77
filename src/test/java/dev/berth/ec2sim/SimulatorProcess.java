package dev.berth.ec2sim;

import static org.awaitility.Awaitility.await;

import dev.berth.testing.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A simulator in another process, which this one can end in any way. */
public final class SimulatorProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final URI endpoint;

  private SimulatorProcess(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Starts one with its files in {@code directory} and waits until it listens. */
  public static SimulatorProcess start(Path directory) {
    try {
      Path output = Files.createDirectories(directory).resolve("output");
      Files.deleteIfExists(output);
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  classes().toString(),
                  SimulatorMain.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      await("simulator")
          .atMost(LIMIT)
          .until(() -> !process.isAlive() || Traces.read(output).contains("\n"));
      String said = Traces.read(output).strip();
      if (!said.startsWith("http://")) {
        process.destroyForcibly();
        throw new AssertionError("the simulator did not start: " + said);
      }
      return new SimulatorProcess(process, URI.create(said));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path classes() {
    try {
      return Path.of(
          SimulatorMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI endpoint() {
    return endpoint;
  }

  /** Runs a command of {@link Control} and returns what it says; fails if it is refused. */
  public String command(String... words) {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint.resolve("/control"))
            .POST(BodyPublishers.ofString(String.join(" ", words)))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new AssertionError("refused: " + answer.body());
      }
      return answer.body().strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** As by {@code kill -9}: its devices stay. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Ends it in order: its devices go. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
