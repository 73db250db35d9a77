package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A process with a mount namespace of its own that has a directory mounted as a container would:
 * whole, read-only, and a part of it.
 */
public final class OtherNamespace implements AutoCloseable {
  private static final String SCRIPT =
      """
      mount --bind "$0" "$1/whole"
      mount --bind "$0" "$1/ro"
      mount -o remount,bind,ro,noexec "$1/ro"
      mount --bind "$0/sub" "$1/part"
      echo > "$1/ready"
      exec sleep 600
      """;

  private final Path directory;
  private final Process process;

  /** {@code mountpoint} has a directory {@code sub}; {@code directory} is empty. */
  public OtherNamespace(Path mountpoint, Path directory) {
    this.directory = directory;
    try {
      for (String place : new String[] {"whole", "ro", "part"}) {
        Files.createDirectories(directory.resolve(place));
      }
      process =
          new ProcessBuilder(
                  "unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  "-ec",
                  SCRIPT,
                  mountpoint.toString(),
                  directory.toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("the other namespace")
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.exists(directory.resolve("ready")));
  }

  /** A path as that process sees it. */
  public Path at(String place) {
    return Path.of("/proc/%d/root%s/%s".formatted(process.pid(), directory, place));
  }

  public Path mountinfo() {
    return Path.of("/proc/%d/mountinfo".formatted(process.pid()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
