package dev.berth.bench;

import dev.berth.testing.PluginClient;
import dev.berth.testing.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code rclone serve docker} with volumes that are directories of this host: the cheapest remote
 * there is.
 */
final class RcloneProcess {
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(30);

  private final Path directory;
  private final Path socket;
  private final Path log;
  private Process process;

  RcloneProcess(Path directory, Path socket, Path log) {
    this.directory = directory;
    this.socket = socket;
    this.log = log;
  }

  /** What rclone says of itself; an error that says what to install if it is not there. */
  static String version() {
    for (String program : new String[] {"rclone", "fusermount"}) {
      if (!Run.of("sh", "-c", "command -v " + program).run().succeeded()) {
        throw new IllegalStateException(
            "%s is not installed, and Berth is measured against rclone: run 'make bench', which installs it, or install the packages rclone and fuse3"
                .formatted(program));
      }
    }
    return Run.of("rclone", "version").succeed().lines().getFirst();
  }

  Path socket() {
    return socket;
  }

  PluginClient client() {
    return new PluginClient(socket);
  }

  long pid() {
    return process.pid();
  }

  /** Options for a volume in a directory, which is made. */
  Map<String, String> options(String volume) {
    try {
      Path remote = Files.createDirectories(directory.resolve("remote").resolve(volume));
      return Map.of("type", "local", "path", remote.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it without waiting until it answers. */
  void launch() {
    try {
      List<String> line =
          List.of(
              "rclone",
              "serve",
              "docker",
              "--socket-addr",
              socket.toString(),
              "--base-dir",
              Files.createDirectories(directory.resolve("volumes")).toString(),
              "--cache-dir",
              Files.createDirectories(directory.resolve("cache")).toString(),
              "--config",
              directory.resolve("rclone.conf").toString());
      ProcessBuilder builder =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      // With it rclone makes no volume in S3.
      builder.environment().remove("AWS_CA_BUNDLE");
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start rclone", e);
    }
  }

  void start() {
    launch();
    FirstAnswer.await(socket, READY);
  }

  void stop() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
