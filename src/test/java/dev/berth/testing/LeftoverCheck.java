package dev.berth.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks for what a test left on the host, and takes it away. */
public record LeftoverCheck(Path directory) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Fails, after cleaning up, if a mount, loop device or process below the directory is left. */
  public void failIfAny() {
    List<String> left = find();
    for (int tries = 0; !left.isEmpty() && tries < PATIENCE.toMillis() / 250; tries++) {
      Async.pause(Duration.ofMillis(250));
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

  /** Ends processes, unmounts and detaches whatever is below the directory. */
  public void cleanUp() {
    Traces traces = new Traces(directory);
    traces
        .processes()
        .keySet()
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    for (int round = 0; round < 20 && !traces.mounts().isEmpty(); round++) {
      for (String mountpoint : traces.mounts().reversed()) {
        Run.of("umount", "--lazy", "--", mountpoint).run();
      }
    }
    traces.loopDevices().keySet().forEach(device -> Run.of("losetup", "--detach", device).run());
  }
}
