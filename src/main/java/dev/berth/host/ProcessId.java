package dev.berth.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One process of this boot, for as long as the host runs: a pid alone may be given to another
 * process.
 *
 * @param startTicks when it started, in clock ticks since the boot, as /proc/PID/stat has it
 */
public record ProcessId(long pid, long startTicks) {
  private static final int STATE = 0;
  private static final int SESSION = 3;
  private static final int START = 19;

  /** The process that has this pid now; empty if there is none. */
  public static Optional<ProcessId> of(long pid) {
    return stat(pid).map(fields -> new ProcessId(pid, Long.parseLong(fields[START])));
  }

  /** The processes of a session as they are now, its leader included if it is there. */
  static Stream<ProcessId> inSession(long session) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> isIn(session, pid))
        .map(ProcessId::of)
        .flatMap(Optional::stream);
  }

  private static boolean isIn(long session, long pid) {
    return stat(pid).filter(fields -> Long.parseLong(fields[SESSION]) == session).isPresent();
  }

  /** Whether it runs; one that ended and was not waited for does not. */
  public boolean alive() {
    return stat(pid)
        .filter(fields -> Long.parseLong(fields[START]) == startTicks)
        .filter(fields -> !fields[STATE].equals("Z") && !fields[STATE].equals("X"))
        .isPresent();
  }

  /** Whether it leads a session, as those do that {@link Daemons} starts; their children do not. */
  boolean leadsSession() {
    return isIn(pid, pid);
  }

  /** Sends SIGTERM, or SIGKILL with {@code forcibly}; a process that is gone is no error. */
  public void end(boolean forcibly) {
    if (alive()) {
      ProcessHandle.of(pid)
          .ifPresent(
              process -> {
                var _ = forcibly ? process.destroyForcibly() : process.destroy();
              });
    }
  }

  /** The fields of /proc/PID/stat from the state on; the name before it may hold anything. */
  private static Optional<String[]> stat(long pid) {
    try {
      String line =
          new String(
              Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat")),
              StandardCharsets.ISO_8859_1);
      return Optional.of(line.substring(line.lastIndexOf(')') + 2).split(" ", -1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
