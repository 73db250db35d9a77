package dev.berth.host;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Somebody whose mount namespace has a filesystem mounted.
 *
 * @param pid of one process in that namespace
 * @param command the short name of that process
 * @param container the id of the container it runs in, 64 hexadecimal digits
 * @param namespace the name of the namespace, if it is shown; once a namespace has gone, the next
 *     one gets its name
 */
public record Holder(
    long pid,
    String command,
    Optional<String> container,
    MountPoint mountpoint,
    Optional<Path> namespace) {
  private static final int SHORT = 12;

  /** Whether it is mounted there at {@code path}, or at a directory above. */
  public boolean isAtOrAbove(Path path) {
    return mountpoint.contains(path);
  }

  /** For people: {@code container 3f2a… (process 4711, postgres)}. */
  @Override
  public String toString() {
    String process = "process %d, %s, at %s".formatted(pid, command, mountpoint);
    return container
        .map(id -> "container %s (%s)".formatted(id.substring(0, SHORT), process))
        .orElse(process);
  }
}
