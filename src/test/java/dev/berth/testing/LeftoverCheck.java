package dev.berth.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks for what a test left on the host, and takes it away. */
public record LeftoverCheck(Path directory) {
  private static final Duration POLL = Duration.ofMillis(250);

  /** A minute. */
  private static final int TRIES = 240;

  private static final int ROUNDS = 20;

  /** Fails, after cleaning up, if a mount, loop device or process below the directory is left. */
  public void failIfAny() {
    List<String> left = find();
    for (int tries = 0; !left.isEmpty() && tries < TRIES; tries++) {
      Async.pause(POLL);
      left = find();
    }
    if (!left.isEmpty()) {
      cleanUp();
      throw new AssertionError("left on the host: " + String.join("; ", left));
    }
  }

  private List<String> find() {
    Traces traces = new Traces(directory);
    List<String> left = new ArrayList<>();
    traces.processes().forEach((pid, line) -> left.add("process %d '%s'".formatted(pid, line)));
    traces.mounts().forEach(mountpoint -> left.add("mount " + mountpoint));
    traces.loopDevices().forEach((device, file) -> left.add(device + " on " + file));
    return left;
  }

  /**
   * Ends processes, unmounts and detaches whatever is below the directory. What is busy goes as
   * soon as nobody uses it any more.
   */
  public void cleanUp() {
    Traces traces = new Traces(directory);
    end(traces.processes().keySet());
    for (int round = 0; round < ROUNDS && !isClear(traces); round++) {
      // Before the mounts: then a file on one of them cannot be known by its path any more. The
      // kernel frees a device that is in use when it is not.
      traces.loopDevices().keySet().forEach(device -> Run.of("losetup", "--detach", device).run());
      for (String mountpoint : traces.mounts().reversed()) {
        Run.of("umount", "--lazy", "--", mountpoint).run();
      }
    }
  }

  private static boolean isClear(Traces traces) {
    return traces.mounts().isEmpty() && traces.loopDevices().isEmpty();
  }

  /** They hold mounts and devices until they are gone. */
  private static void end(Set<Long> processes) {
    List<ProcessHandle> ending =
        processes.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
    ending.forEach(ProcessHandle::destroyForcibly);
    for (int tries = 0;
        ending.stream().anyMatch(ProcessHandle::isAlive) && tries < TRIES;
        tries++) {
      Async.pause(POLL);
    }
  }
}
