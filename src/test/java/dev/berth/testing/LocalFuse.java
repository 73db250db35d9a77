package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;

/** A FUSE filesystem that shows a directory of this host: rclone, without a store. */
public final class LocalFuse implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final Path mountpoint;
  private final Process process;

  private LocalFuse(Path mountpoint, Process process) {
    this.mountpoint = mountpoint;
    this.process = process;
  }

  /** Mounts {@code directory} at {@code mountpoint}, where mount tables call it {@code name}. */
  public static LocalFuse mount(Path directory, Path mountpoint, String name) {
    try {
      ProcessBuilder rclone =
          new ProcessBuilder(
                  "rclone",
                  "mount",
                  directory.toString(),
                  mountpoint.toString(),
                  "--allow-other",
                  "--devname=" + name,
                  "--config=/dev/null",
                  "--dir-cache-time=0",
                  "--attr-timeout=0")
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(mountpoint.resolveSibling("log").toFile()));
      LocalFuse fuse = new LocalFuse(mountpoint, rclone.start());
      await("a FUSE filesystem at " + mountpoint)
          .atMost(LIMIT)
          .until(() -> new Traces(mountpoint.getParent()).mounts().contains(mountpoint.toString()));
      return fuse;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path mountpoint() {
    return mountpoint;
  }

  /** SIGKILL: the mount stays, dead. */
  public void kill() {
    process.destroyForcibly();
    await().atMost(LIMIT).until(() -> !process.isAlive());
  }

  @Override
  public void close() {
    Run.of("umount", "--lazy", mountpoint.toString()).run();
    kill();
  }
}
