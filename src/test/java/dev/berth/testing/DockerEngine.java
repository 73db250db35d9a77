package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Docker engine of the test's own: its state, its sockets and its containers are below one
 * directory.
 */
public final class DockerEngine {
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(60);

  private final Path directory;
  private final Path log;
  private final boolean liveRestore;
  private Process process;

  public DockerEngine(Path directory, Path log, boolean liveRestore) {
    this.directory = directory;
    this.log = log;
    this.liveRestore = liveRestore;
  }

  /** The command line of the engine: {@code BERTH_TEST_DOCKERD}, or {@code dockerd}. */
  public static List<String> dockerd() {
    return List.of(
        Optional.ofNullable(System.getenv("BERTH_TEST_DOCKERD")).orElse("dockerd").split(" +", -1));
  }

  public void start() {
    launch();
    awaitReady(READY);
  }

  /** Starts it without waiting until it answers. */
  public void launch() {
    try {
      Files.createDirectories(directory);
      Files.createDirectories(log.getParent());
      Files.deleteIfExists(pidFile());
      Files.writeString(directory.resolve("daemon.json"), "{}");
      process =
          new ProcessBuilder(commandLine())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the engine", e);
    }
  }

  private List<String> commandLine() throws IOException {
    List<String> line = new ArrayList<>(dockerd());
    line.addAll(List.of("--host", host(), "--data-root", directory.resolve("data").toString()));
    line.addAll(List.of("--exec-root", directory.resolve("exec").toString()));
    line.addAll(List.of("--pidfile", pidFile().toString()));
    line.addAll(List.of("--config-file", directory.resolve("daemon.json").toString()));
    line.addAll(List.of("--bridge", "none", "--iptables=false", "--ip6tables=false"));
    line.addAll(List.of("--ip-masq=false", "--userland-proxy=false"));
    if (Files.getFileStore(directory).type().equals("overlay")) {
      line.addAll(List.of("--storage-driver", "vfs"));
    }
    if (liveRestore) {
      line.add("--live-restore");
    }
    return line;
  }

  public void awaitReady(Duration limit) {
    Instant deadline = Instant.now().plus(limit);
    while (!tryDocker("version").succeeded()) {
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        throw new AssertionError("the engine does not answer; see " + log);
      }
      Async.pause(Duration.ofMillis(100));
    }
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** SIGTERM; containers are stopped first, unless live-restore is on. */
  public void stop() {
    process.destroy();
    awaitEnd();
  }

  /** SIGKILL to the engine and its containerd; containers go on. */
  public void kill() {
    Optional<ProcessHandle> containerd = containerd();
    process.destroyForcibly();
    awaitEnd();
    containerd.ifPresent(ProcessHandle::destroyForcibly);
    // A containerd that nobody has reaped yet would pass for a living one.
    deleteStale(directory.resolve("exec/containerd/containerd.pid"));
  }

  private Optional<ProcessHandle> containerd() {
    return process
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/containerd"))
        .findFirst();
  }

  /** Takes away what an engine that was killed could not unmount. */
  public void unmountLeftovers() {
    for (String mountpoint : new Traces(directory).mounts().reversed()) {
      Run.of("umount", "--lazy", "--", mountpoint).run();
    }
  }

  private static void deleteStale(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the engine does not end; see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  public Output docker(String... arguments) {
    return command(arguments).succeed();
  }

  public Output tryDocker(String... arguments) {
    return command(arguments).run();
  }

  public Run command(String... arguments) {
    List<String> line = new ArrayList<>(List.of("docker", "--host", host()));
    line.addAll(List.of(arguments));
    return Run.of(line.toArray(String[]::new))
        .with(Map.of("DOCKER_CONFIG", directory.resolve("cli").toString()));
  }

  /** With these variables {@code docker} in a shell speaks to this engine. */
  public Map<String, String> environment() {
    return Map.of("DOCKER_HOST", host(), "DOCKER_CONFIG", directory.resolve("cli").toString());
  }

  /** Runs a line as a user would type it, for whom this is the engine. */
  public Output shell(String line, Duration limit) {
    return Run.of("sh", "-c", line).with(environment()).within(limit).run();
  }

  public String version() {
    return docker("version", "--format", "{{.Server.Version}}").text();
  }

  /** The API version as a number: 1.41 is 41. */
  public int apiMinor() {
    String version = docker("version", "--format", "{{.Server.APIVersion}}").text();
    return Integer.parseInt(version.substring(version.indexOf('.') + 1));
  }

  private String host() {
    return "unix://" + directory.resolve("d.sock");
  }

  private Path pidFile() {
    return directory.resolve("d.pid");
  }
}
