package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program to run to its end, with a time limit. */
public record Run(List<String> command, Map<String, String> environment, Duration limit) {
  private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(3);

  public static Run of(String... command) {
    return new Run(List.of(command), Map.of(), DEFAULT_LIMIT);
  }

  public Run with(Map<String, String> variables) {
    return new Run(command, variables, limit);
  }

  public Run within(Duration time) {
    return new Run(command, environment, time);
  }

  /** Runs it and fails, with all it printed, unless it succeeds. */
  public Output succeed() {
    return run().orFail();
  }

  /** Runs it, whatever its exit status. Only running out of time is a failure. */
  public Output run() {
    try {
      Path out = Files.createTempFile("berth-run", ".out");
      Path err = Files.createTempFile("berth-run", ".err");
      try {
        return run(out, err);
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
    }
  }

  private Output run(Path out, Path err) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = waitFor(process);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    Output output = new Output(command, ended ? process.exitValue() : -1, text(out), text(err));
    if (!ended) {
      throw new AssertionError("did not end within %s: %s".formatted(limit, output.describe()));
    }
    return output;
  }

  private boolean waitFor(Process process) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
