package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Loop devices, each found again by the file behind it. */
@ApplicationScoped
public class LoopDevices {
  private static final Path SYSFS = Path.of("/sys/block");
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);
  private static final Duration POLL = Duration.ofMillis(5);
  private final CommandRunner commands;
  private final ReentrantLock finding = new ReentrantLock();

  public LoopDevices(CommandRunner commands) {
    this.commands = commands;
  }

  /** The device whose backing file is {@code file}, if one is. Reads sysfs only. */
  public Optional<Path> find(Path file) {
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(SYSFS, "loop*")) {
      for (Path device : devices) {
        if (backingFile(device).filter(file.toString()::equals).isPresent()) {
          return Optional.of(Path.of("/dev", device.getFileName().toString()));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new HostException.Io("cannot list loop devices", e);
    }
  }

  /** Puts a loop device over {@code file} and returns it; the one there is, if there is one. */
  public Path attach(Path file) {
    return find(file).orElseGet(() -> attachNew(file));
  }

  /**
   * Two processes that look for a free device at once make one of them sleep 200 ms inside losetup;
   * taking turns avoids that. The turn is a courtesy, not a condition: who waited half a second
   * goes ahead.
   */
  private Path attachNew(Path file) {
    boolean turn = false;
    try {
      turn = finding.tryLock(500, TimeUnit.MILLISECONDS);
      CommandResult result =
          commands
              .run(Command.of(Tool.LOSETUP, "--find", "--show", "--", file.toString()))
              .orFail();
      return Path.of(result.output().strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while attaching " + file, e);
    } finally {
      if (turn) {
        finding.unlock();
      }
    }
  }

  /**
   * Refuses with {@link HostException.Unexpected} unless {@code device} is backed by the very file
   * at {@code file}: same filesystem and inode, not only the same name.
   */
  public void verify(Path device, Path file) {
    String behind =
        commands
            .run(
                Command.of(
                    Tool.LOSETUP,
                    "--list",
                    "--noheadings",
                    "--raw",
                    "--output",
                    "BACK-INO,OFFSET",
                    device.toString()))
            .orFail()
            .output()
            .strip();
    String expected = inode(file) + " 0";
    if (!behind.equals(expected)
        || backingFile(SYSFS.resolve(device.getFileName()))
            .filter(file.toString()::equals)
            .isEmpty()) {
      throw new HostException.Unexpected(
          "%s is not backed by %s (inode and offset '%s', expected '%s')"
              .formatted(device, file, behind, expected));
    }
  }

  /** Takes the new size of the backing file over into the device. */
  public void refreshSize(Path device) {
    commands.run(Command.of(Tool.LOSETUP, "--set-capacity", device.toString())).orFail();
  }

  /**
   * Frees {@code device}. The kernel defers this, silently, while anybody holds the device open or
   * mounted; that is {@link HostException.Unexpected}.
   */
  public void detach(Path device) {
    commands.run(Command.of(Tool.LOSETUP, "--detach", device.toString())).orFail();
    long end = System.nanoTime() + CLOSE_LIMIT.toNanos();
    while (backingFile(SYSFS.resolve(device.getFileName())).isPresent()) {
      if (System.nanoTime() > end) {
        throw new HostException.Unexpected(
            "%s is still open or mounted somewhere".formatted(device));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private static Optional<String> backingFile(Path sysfsDevice) {
    try {
      return Optional.of(
          Files.readString(sysfsDevice.resolve("loop/backing_file")).stripTrailing());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Object inode(Path file) {
    try {
      return Files.getAttribute(file, "unix:ino");
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + file, e);
    }
  }
}
