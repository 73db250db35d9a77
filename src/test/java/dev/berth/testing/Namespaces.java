package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Processes in mount namespaces of their own, as containers are. */
public final class Namespaces {
  private Namespaces() {}

  /** A process that holds a private copy of all mounts, one of them that of {@code directory}. */
  public static ProcessHandle holding(Path directory) throws IOException {
    Process process =
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sleep", "3600")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> process.toHandle().info().command().orElse("").endsWith("sleep"));
    return process.toHandle();
  }
}
