package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code berth serve} as a process that can be stopped, killed and started again. */
public final class BerthProcess {
  /** Overridden, it is the port of the starts to come; else each start has a free one. */
  public static final String MANAGEMENT_PORT = "QUARKUS_MANAGEMENT_PORT";

  private static final Duration READY = Duration.ofMinutes(3);
  private static final Duration STOP = Duration.ofMinutes(3);

  private final Path socket;
  private final Path log;
  private final Map<String, String> environment;
  private List<String> prefix = List.of();
  private Map<String, String> overrides = Map.of();
  private Process process;
  private int managementPort;

  public BerthProcess(Path root, Path socket, Path log, Map<String, String> settings) {
    this.socket = socket;
    this.log = log;
    environment = new HashMap<>();
    environment.put("BERTH_SOCKET", socket.toString());
    environment.put("BERTH_ROOT", root.toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.putAll(settings);
  }

  /** Starts it, from now on, by a program that becomes it, such as {@code unshare --mount}. */
  public void through(String... program) {
    prefix = List.of(program);
  }

  /**
   * Sets variables for the starts to come, in the place of those set so before; whether anything
   * changed is returned.
   */
  public boolean override(Map<String, String> variables) {
    boolean changed = !overrides.equals(variables);
    overrides = Map.copyOf(variables);
    return changed;
  }

  public static Path launcher() {
    return Path.of(System.getProperty("berth.home", "target/berth"), "bin", "berth")
        .toAbsolutePath();
  }

  public Path socket() {
    return socket;
  }

  public PluginClient client() {
    return new PluginClient(socket);
  }

  public void start() {
    launch();
    awaitReady();
  }

  /** Starts it without waiting until it answers. */
  public void launch() {
    List<String> line = new ArrayList<>(prefix);
    line.addAll(List.of(launcher().toString(), "serve"));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("BERTH_"));
    builder.environment().putAll(environment);
    builder.environment().putAll(overrides);
    managementPort = Integer.parseInt(overrides.getOrDefault(MANAGEMENT_PORT, "" + Ports.free()));
    builder.environment().put(MANAGEMENT_PORT, "" + managementPort);
    try {
      Files.createDirectories(log.getParent());
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start Berth", e);
    }
  }

  public void awaitReady() {
    Instant deadline = Instant.now().plus(READY);
    while (!answers()) {
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        throw new AssertionError("Berth does not answer; its log ends with: " + logTail());
      }
      Async.pause(Duration.ofMillis(20));
    }
  }

  /** Asks what an engine that is already there asks; an Activate would announce a new engine. */
  public boolean answers() {
    if (Files.notExists(socket)) {
      return false;
    }
    try {
      return client().call("VolumeDriver.Capabilities", "{}").status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Asks it to stop, by SIGTERM, and waits until it has. */
  public void stop() {
    terminate();
    awaitEnd(STOP);
  }

  /** Sends SIGTERM and does not wait. */
  public void terminate() {
    server().destroy();
  }

  /** SIGKILL to the server alone: tools it started go on. */
  public void kill() {
    server().destroyForcibly();
    awaitEnd(STOP);
  }

  /** SIGKILL to the server and the tools it started, as a service manager does. */
  public void killWithChildren() {
    List<ProcessHandle> children = process.descendants().toList();
    server().destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(STOP);
  }

  public void awaitEnd(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("Berth does not end; its log ends with: " + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The process id of the server. */
  public long pid() {
    return server().pid();
  }

  /** Where this run of the server shows its health and its metrics. */
  public int managementPort() {
    return managementPort;
  }

  /**
   * The sum of the samples of a metric such as {@code berth_operations} that have all these tags,
   * written as {@code area="heap"}.
   */
  public double metric(String name, String... tags) {
    return Metrics.read(managementPort).sum(name, tags);
  }

  /** What its readiness check says. */
  public String ready() {
    return Run.of(
            "curl", "--silent", "http://127.0.0.1:%d/q/health/ready".formatted(managementPort))
        .succeed()
        .out();
  }

  /** Exit status of a server that has ended. */
  public int exitStatus() {
    return process.exitValue();
  }

  /** Another command of {@code berth}, speaking to this server. */
  public Run command(String... arguments) {
    String[] line = new String[arguments.length + 1];
    line[0] = launcher().toString();
    System.arraycopy(arguments, 0, line, 1, arguments.length);
    return Run.of(line).with(environment);
  }

  /** The launcher becomes the server. Its children look like it until they have become a tool. */
  private ProcessHandle server() {
    return process.toHandle();
  }

  /** The last lines of its log. */
  public String lastWords() {
    return logTail();
  }

  private String logTail() {
    List<String> lines = Traces.read(log).lines().toList();
    return String.join(
        System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }
}
