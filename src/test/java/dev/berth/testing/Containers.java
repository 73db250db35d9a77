package dev.berth.testing;

import java.util.ArrayList;
import java.util.List;

/** Containers with one volume at {@code /m}, as users run them. */
public record Containers(DockerEngine engine, String driver) {
  /** Ends at once when asked to; a shell alone as process 1 would not. */
  private static final String UNTIL_STOPPED = "trap 'exit 0' TERM; sleep 3600 & wait";

  /** Runs a script in the foreground, on a volume that is made if it does not exist. */
  public Output run(String volume, String script) {
    return tryRun(volume, script).orFail();
  }

  public Output tryRun(String volume, String script) {
    return engine.tryDocker(line("run", List.of("--rm"), volume, script));
  }

  /** Starts a container that does nothing until it is stopped. */
  public void start(String container, String volume, String... options) {
    startWith(container, volume, UNTIL_STOPPED, options);
  }

  /** Starts a container that runs a script in the background. */
  public void startWith(String container, String volume, String script, String... options) {
    List<String> all = new ArrayList<>(List.of("--detach", "--name", container));
    all.addAll(List.of(options));
    engine.docker(line("run", all, volume, script));
  }

  public Output exec(String container, String script) {
    return engine.docker("exec", container, "sh", "-c", script);
  }

  public void stop(String container) {
    engine.docker("stop", "--time", "5", container);
  }

  public void remove(String container) {
    engine.docker("rm", "--force", container);
  }

  /** {@code running}, {@code exited} and so on. */
  public String state(String container) {
    return engine.docker("inspect", "--format", "{{.State.Status}}", container).text();
  }

  /** Creates a volume with options such as {@code size=64MiB}. */
  public Output create(String volume, String... options) {
    return tryCreate(volume, options).orFail();
  }

  public Output tryCreate(String volume, String... options) {
    List<String> line = new ArrayList<>(List.of("volume", "create", "--driver", driver));
    for (String option : options) {
      line.addAll(List.of("--opt", option));
    }
    line.add(volume);
    return engine.tryDocker(line.toArray(String[]::new));
  }

  /** One field of {@code docker volume inspect}, by a Go template. */
  public String inspect(String volume, String template) {
    return engine.docker("volume", "inspect", "--format", template, volume).text();
  }

  private String[] line(String verb, List<String> options, String volume, String script) {
    List<String> line = new ArrayList<>(List.of(verb, "--network", "none"));
    line.addAll(options);
    line.addAll(List.of("--volume-driver", driver, "--volume", volume + ":/m"));
    line.addAll(List.of(Images.PLAIN, "sh", "-c", script));
    return line.toArray(String[]::new);
  }
}
