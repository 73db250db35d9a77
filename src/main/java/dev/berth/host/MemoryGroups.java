package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Memory limits by control groups, {@code berth/<name>} below the root of either version's
 * hierarchy. A process in one no longer belongs to the group of the service that started it.
 */
public final class MemoryGroups {
  private static final Logger LOG = Logger.getLogger(MemoryGroups.class);
  private static final String OWN = "berth";
  private static final int TRIES = 50;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private final Path root;

  public MemoryGroups() {
    this(Path.of("/sys/fs/cgroup"));
  }

  MemoryGroups(Path root) {
    this.root = root;
  }

  /**
   * Puts a process, and those it will start, in the group {@code name}, which may use that many
   * bytes. Whether that could be done is returned: hosts and containers may not allow it.
   */
  public boolean confine(String name, ProcessId process, long bytes) {
    try {
      Optional<Path> group = group(name);
      if (group.isEmpty()) {
        return false;
      }
      Files.createDirectories(group.get());
      if (isUnified()) {
        Files.writeString(root.resolve("cgroup.subtree_control"), "+memory");
        Files.writeString(root.resolve(OWN).resolve("cgroup.subtree_control"), "+memory");
      }
      Files.writeString(
          group.get().resolve(isUnified() ? "memory.max" : "memory.limit_in_bytes"), "" + bytes);
      Files.writeString(group.get().resolve("cgroup.procs"), "" + process.pid());
      return true;
    } catch (IOException e) {
      LOG.debugf(e, "process %d has no memory limit", process.pid());
      return false;
    }
  }

  /** Removes a group whose processes have ended; none: success. */
  public void remove(String name) {
    group(name)
        .ifPresent(
            group -> {
              for (int tries = 1; !removed(group) && tries < TRIES; tries++) {
                LockSupport.parkNanos(PAUSE.toNanos());
              }
            });
  }

  /** A process that has just ended keeps its group busy for a moment. */
  private static boolean removed(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException e) {
      LOG.debugf(e, "the control group %s is busy", group);
      return false;
    }
  }

  private boolean isUnified() {
    return Files.exists(root.resolve("cgroup.controllers"));
  }

  private Optional<Path> group(String name) {
    if (isUnified()) {
      return Optional.of(root.resolve(OWN).resolve(name));
    }
    Path memory = root.resolve("memory");
    return Files.isDirectory(memory)
        ? Optional.of(memory.resolve(OWN).resolve(name))
        : Optional.empty();
  }
}
