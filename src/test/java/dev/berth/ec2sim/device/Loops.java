package dev.berth.ec2sim.device;

import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Loop devices. */
final class Loops {
  private static final ReentrantLock FINDING = new ReentrantLock();
  private static final long POLL = Duration.ofMillis(5).toNanos();

  private Loops() {}

  /** A new device over {@code file}, e.g. {@code /dev/loop3}. */
  static Path attach(Path file) {
    FINDING.lock();
    try {
      return Path.of(Run.of("losetup", "--find", "--show", "--", file.toString()).succeed().text());
    } finally {
      FINDING.unlock();
    }
  }

  /** Frees it; the kernel waits, with that, for whoever has it open. Absent is fine. */
  static void detach(Path loop) {
    Run.of("losetup", "--detach", loop.toString()).run();
  }

  static void refreshSize(Path loop) {
    Run.of("losetup", "--set-capacity", loop.toString()).succeed();
  }

  /** True while the device is over {@code file}, also if that was deleted since. */
  static boolean isOver(Path loop, Path file) {
    String behind = Traces.read(sysfs(loop).resolve("loop/backing_file")).strip();
    return behind.equals(file.toString()) || behind.equals(file + " (deleted)");
  }

  /** Waits until the device is not over {@code file} any more; false if that takes too long. */
  static boolean awaitFree(Path loop, Path file, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (isOver(loop, file)) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(POLL);
    }
    return true;
  }

  static Path sysfs(Path loop) {
    return Path.of("/sys/block").resolve(loop.getFileName());
  }

  /** Frees what an earlier simulator with the same files left. */
  static void sweep(Path directory) {
    if (Files.isDirectory(directory)) {
      new Traces(directory).loopDevices().keySet().forEach(loop -> detach(Path.of(loop)));
    }
  }
}
