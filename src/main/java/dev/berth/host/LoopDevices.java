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
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
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

  /**
   * Puts a loop device over {@code file} and returns it, {@link #verify verified}; the one there
   * is, if there is one. One that fails the proof is {@link HostException.Unexpected}, and taken
   * off again if it is new.
   */
  public Path attach(Path file) {
    Optional<Path> present = find(file);
    if (present.isPresent()) {
      verify(present.get(), file);
      return present.get();
    }
    Path device = attachNew(file);
    try {
      verify(device, file);
      return device;
    } catch (HostException e) {
      detachAfter(e, device);
      throw e;
    }
  }

  private void detachAfter(HostException cause, Path device) {
    try {
      detach(device);
    } catch (HostException e) {
      cause.addSuppressed(e);
    }
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
   * at {@code file}, from its first byte to its last: same filesystem and inode, not only the same
   * name.
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
                    "BACK-MAJ:MIN,BACK-INO,OFFSET,SIZELIMIT",
                    device.toString()))
            .orFail()
            .output()
            .replace("\\x20", "")
            .strip();
    String expected = "%s %s 0 0".formatted(DeviceNumber.ofFilesystem(file), inode(file));
    String name = backingFile(device).orElse("nothing");
    if (!behind.equals(expected) || !name.equals(file.toString())) {
      throw new HostException.Unexpected(
          "%s is not backed by the whole of %s, but by %s (filesystem, inode, offset and limit '%s' instead of '%s'). 'losetup --list' shows it; put that right, then try again"
              .formatted(device, file, name, behind, expected));
    }
  }

  /** Takes the new size of the backing file over into the device. */
  public void refreshSize(Path device) {
    commands.run(Command.of(Tool.LOSETUP, "--set-capacity", device.toString())).orFail();
  }

  /**
   * Frees {@code device}. The kernel defers this, silently, while anybody holds the device open or
   * mounted; that is {@link HostException.Unexpected}. Once it is free it may be over another file
   * at any time.
   */
  public void detach(Path device) {
    Optional<String> file = backingFile(device);
    commands.run(Command.of(Tool.LOSETUP, "--detach", device.toString())).orFail();
    long end = System.nanoTime() + CLOSE_LIMIT.toNanos();
    while (file.isPresent() && backingFile(device).equals(file)) {
      if (System.nanoTime() > end) {
        throw new HostException.Unexpected(
            "%s is still open or mounted somewhere".formatted(device));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /**
   * The file behind a loop device, as the kernel names it now; empty if there is none. Most of a
   * host's devices may be free, and an exception for each would take longer than all the rest.
   */
  static Optional<String> backingFile(Path device) {
    Path entry = SYSFS.resolve(device.getFileName()).resolve("loop/backing_file");
    if (!Files.exists(entry)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(entry).stripTrailing());
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
