package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Processes in mount namespaces of their own, as containers are. */
public final class Namespaces {
  private static final String HEADLESS =
      """
      import ctypes, threading, time
      threading.Thread(target=time.sleep, args=(3600,)).start()
      ctypes.CDLL(None).pthread_exit(None)
      """;

  private Namespaces() {}

  /** A process that holds a private copy of all mounts, one of them that of {@code directory}. */
  public static ProcessHandle holding(Path directory) throws IOException {
    return untilAsleep(
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sleep", "3600")
            .directory(directory.toFile()));
  }

  /**
   * A process in whose mount namespace {@code directory} is mounted at {@code place}, and nothing
   * of the volumes below {@code mounts} is left besides: as in a container that has started.
   */
  public static ProcessHandle using(Path directory, Path place, Path mounts) throws IOException {
    return untilAsleep(inside(directory, place, mounts, "sleep", "3600"));
  }

  /** As {@link #using}, by a process whose main thread has ended while another goes on. */
  public static ProcessHandle usingHeadless(Path directory, Path place, Path mounts)
      throws IOException {
    Process process = start(inside(directory, place, mounts, "python3", "-c", HEADLESS));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Traces.read(Path.of("/proc", process.pid() + "", "stat")).contains(") Z "));
    return process.toHandle();
  }

  private static ProcessBuilder inside(Path directory, Path place, Path mounts, String... program) {
    String script =
        "mount --bind \"$0\" \"$1\" && umount --lazy \"$2\"/* 2>/dev/null; shift 2; exec \"$@\"";
    List<String> command =
        new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c"));
    command.addAll(List.of(script, directory.toString(), place.toString(), mounts.toString()));
    command.addAll(List.of(program));
    return new ProcessBuilder(command);
  }

  /**
   * Puts a loop device over {@code file} and returns it. The mount namespace that did it ends with
   * that, so that sysfs shows another path from then on, as after the end of a managed plugin.
   */
  public static Path attachAndEnd(Path file) {
    return Path.of(
        Run.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount --bind \"$1\" \"$1\" && losetup --find --show \"$2\"",
                "sh",
                file.getParent().toString(),
                file.toString())
            .succeed()
            .text());
  }

  /** A process in whose mount namespace alone {@code device} is mounted at {@code place}. */
  public static ProcessHandle mounting(Path device, Path place) throws IOException {
    return untilAsleep(
        new ProcessBuilder(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            "mount \"$1\" \"$2\" && exec sleep 3600",
            "sh",
            device.toString(),
            place.toString()));
  }

  /**
   * A process that has a copy of all mounts which follows the originals, as services of the system
   * have, in {@code directory}.
   */
  public static ProcessHandle following(Path directory) throws IOException {
    return untilAsleep(
        new ProcessBuilder("unshare", "--mount", "--propagation", "slave", "sleep", "3600")
            .directory(directory.toFile()));
  }

  /**
   * A process as {@link #following} that has done {@code mount} with these arguments besides, as a
   * container with a mount of the host's.
   */
  public static ProcessHandle followingWith(String... mount) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("unshare", "--mount", "--propagation", "slave", "sh", "-c"));
    command.addAll(List.of("mount \"$@\" && exec sleep 3600", "mount"));
    command.addAll(List.of(mount));
    return untilAsleep(new ProcessBuilder(command));
  }

  private static ProcessHandle untilAsleep(ProcessBuilder builder) throws IOException {
    Process process = start(builder);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> process.toHandle().info().command().orElse("").endsWith("sleep"));
    return process.toHandle();
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
