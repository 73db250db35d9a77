package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Loop devices, each known by the file behind it: its filesystem and inode. The path that sysfs
 * shows is none of the file's: it is another one once the mount namespace that attached the device
 * has ended. There is never more than one device over a file, since two would be two caches of it,
 * and two filesystems in it.
 */
@ApplicationScoped
public class LoopDevices {
  private static final Path SYSFS = Path.of("/sys/block");
  private static final String DELETED = " (deleted)";
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final int USUAL_SECTOR = 512;
  private static final int MOST_TRIES = 4;

  /** See loop(4). */
  private static final String CONTROL = "/dev/loop-control";

  private static final long LOOP_CTL_REMOVE = 0x4C81;
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final Logger LOG = Logger.getLogger(LoopDevices.class);
  private final CommandRunner commands;
  private final ReentrantLock finding = new ReentrantLock();

  public LoopDevices(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * A device with a file behind it.
   *
   * @param shown what sysfs calls that file
   */
  private record Bound(Path device, String shown, LoopStatus status) {
    /** Whether {@code file} was attached here and has been deleted since. */
    boolean isOverDeleted(Path file) {
      return shown.endsWith("/" + file.getFileName() + DELETED)
          && isOf(Optional.ofNullable(file.getParent()).orElse(file));
    }

    /** Whether it is over a file that was deleted from {@code directory}. */
    boolean isOrphanOf(Path directory) {
      return shown.endsWith(DELETED) && isOf(directory);
    }

    private boolean isOf(Path directory) {
      return shown.startsWith(directory + "/") || status.attachedAs().startsWith(directory + "/");
    }
  }

  /**
   * The device over {@code file}, or over the file that had this path when it was deleted, if there
   * is one. Asks the kernel only: less than a millisecond for a hundred devices. If more than one
   * is over the file (no Berth of today leaves it so), it is one that is in use.
   */
  public Optional<Path> find(Path file) {
    List<Path> over = over(file);
    return over.stream()
        .filter(device -> over.size() == 1 || isClaimed(device))
        .findFirst()
        .or(() -> over.stream().findFirst());
  }

  /** Devices over the file that is there; if none is, over those that were deleted from there. */
  private List<Path> over(Path file) {
    Optional<FileIdentity> wanted = FileIdentity.of(file);
    return bound(file).stream()
        .filter(
            bound ->
                wanted
                    .map(identity -> bound.status().file().equals(identity))
                    .orElseGet(() -> bound.isOverDeleted(file)))
        .map(Bound::device)
        .toList();
  }

  /**
   * All devices of this host that have a file behind them. One that cannot be looked at is passed
   * over, unless its name says that it may be over {@code file}.
   */
  private static List<Bound> bound(Path file) {
    List<Bound> found = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(SYSFS, "loop*")) {
      for (Path entry : devices) {
        Path device = Path.of("/dev", entry.getFileName().toString());
        Optional<String> shown = backingFile(device);
        if (shown.isPresent()) {
          status(device, shown.get(), file)
              .ifPresent(status -> found.add(new Bound(device, shown.get(), status)));
        }
      }
      return found;
    } catch (IOException e) {
      throw new HostException.Io("cannot list loop devices", e);
    }
  }

  private static Optional<LoopStatus> status(Path device, String shown, Path file) {
    try {
      return LoopStatus.of(device);
    } catch (HostException.Unexpected e) {
      if (shown.contains("/" + file.getFileName())) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static boolean isClaimed(Path device) {
    return BlockDevice.at(device).claimed();
  }

  /** As {@link #attach(Path, int)}, with sectors of 512 bytes while there is no filesystem. */
  public Path attach(Path file) {
    return attach(file, USUAL_SECTOR);
  }

  /**
   * Puts a loop device over {@code file} and returns it, {@link #verify verified}; the one there
   * is, if there is one, even if other namespaces have it mounted: mounted again it is the same
   * filesystem. One that nothing uses and that has another name in sysfs, left by a namespace that
   * has ended, is replaced. A file that is in use through several devices, and a device that fails
   * the proof, are {@link HostException.Unexpected}; the device is taken off again if it is new.
   *
   * <p>It does direct I/O where the filesystem below can, {@link #buffered} if it cannot. One that
   * something uses already stays as it is: while it is switched, what is not written back yet could
   * fail unseen.
   *
   * @param largestSector in bytes: of what is to be made on it, if there is no filesystem yet; on a
   *     disk with larger sectors than that it does no direct I/O
   */
  public Path attach(Path file, int largestSector) {
    Optional<Path> present = present(file);
    if (present.isPresent()) {
      verify(present.get(), file);
      if (!isClaimed(present.get())) {
        prepare(present.get(), file, largestSector);
      }
      return present.get();
    }
    Path device = attachFresh(file);
    try {
      verify(device, file);
      refuseSecond(device, file);
      prepare(device, file, largestSector);
      return device;
    } catch (HostException e) {
      detachAfter(e, device);
      throw e;
    }
  }

  /** For a device that nothing uses. */
  private static void prepare(Path device, Path file, int largestSector) {
    DirectIo.ensure(device, file, () -> FilesystemSize.largestSector(file, largestSector));
  }

  /**
   * Why a device writes through the host's page cache, as a sentence for people; empty if it does
   * direct I/O, and for what is no loop device.
   */
  static Optional<String> buffered(Path device) {
    return backingFile(device)
        .filter(file -> !DirectIo.isOn(device))
        .map(
            file ->
                "its device %s does no direct I/O (%s): if the host's disk becomes full, it can lose what was fsynced"
                    .formatted(device, DirectIo.obstacle(device, Path.of(file))));
  }

  /** {@link #buffered} of all devices over files in {@code directory} or below. */
  public static List<String> bufferedIn(Path directory) {
    return bound(directory).stream()
        .filter(bound -> bound.isOf(directory))
        .flatMap(bound -> buffered(bound.device()).stream())
        .toList();
  }

  /**
   * Why no device over {@code file}, which is there, can do direct I/O, for people; empty if one
   * can.
   */
  public static Optional<String> directIoObstacle(Path file) {
    return DirectIo.obstacle(file);
  }

  /** The one device over {@code file} that may stay; idle ones besides it are taken off. */
  private Optional<Path> present(Path file) {
    List<Path> over = over(file);
    List<Path> used = over.stream().filter(LoopDevices::isClaimed).toList();
    if (used.size() > 1) {
      throw severalInUse(file, used);
    }
    Optional<Path> kept =
        used.stream()
            .findFirst()
            .or(
                () ->
                    over.stream()
                        .filter(
                            device ->
                                backingFile(device).filter(file.toString()::equals).isPresent())
                        .findFirst());
    over.stream().filter(device -> !kept.equals(Optional.of(device))).forEach(this::detach);
    return kept;
  }

  private static HostException.Unexpected severalInUse(Path file, List<Path> used) {
    return new HostException.Unexpected(
        "%s is in use through %s at once, as filesystems that know nothing of each other. Stop everything that uses one of them ('grep %s /proc/*/mountinfo' shows who), copy the data from the other, and check the file with 'e2fsck -n' before it is mounted again"
            .formatted(
                file,
                used.stream().map(Path::toString).collect(Collectors.joining(" and ")),
                used.getFirst()));
  }

  /** Somebody else may have attached the file at the same moment. */
  private void refuseSecond(Path device, Path file) {
    List<Path> others = over(file).stream().filter(other -> !other.equals(device)).toList();
    if (!others.isEmpty()) {
      throw new HostException.Unexpected(
          "%s was attached as %s at the same moment by something that is not Berth"
              .formatted(file, others.getFirst()));
    }
  }

  private void detachAfter(HostException cause, Path device) {
    try {
      detach(device);
    } catch (HostException e) {
      cause.addSuppressed(e);
    }
  }

  /** On a device that passes discards on, if there is one. */
  private Path attachFresh(Path file) {
    Path device = attachNew(file);
    for (int tries = 1; tries < MOST_TRIES && Discards.forbidden(device); tries++) {
      detach(device);
      device = attachNew(file);
    }
    return device;
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
   * at {@code file}, from its first byte to its last, and can be written: same filesystem and
   * inode, whatever its name.
   */
  public void verify(Path device, Path file) {
    Optional<FileIdentity> wanted = FileIdentity.of(file);
    Optional<LoopStatus> status = LoopStatus.of(device);
    if (wanted.isEmpty() || status.filter(now -> now.isWhole(wanted.get())).isEmpty()) {
      throw new HostException.Unexpected(
          "%s is not backed by the whole of %s (%s), but by %s (%s). 'losetup --list' shows it; put that right, then try again"
              .formatted(
                  device,
                  file,
                  wanted.map(FileIdentity::toString).orElse("which is gone"),
                  backingFile(device).orElse("nothing"),
                  status.map(LoopStatus::toString).orElse("it is free")));
    }
  }

  /** Frees every device over {@code file}, as {@link #detach} does. None: success. */
  public void detachFrom(Path file) {
    over(file).forEach(this::detach);
  }

  /**
   * Frees the devices over files that were deleted from {@code directory}, unless something uses
   * them: their space comes back with that. Returns what was freed.
   */
  public List<Path> detachOrphans(Path directory) {
    List<Path> orphans =
        bound(directory).stream()
            .filter(bound -> bound.isOrphanOf(directory))
            .map(Bound::device)
            .filter(device -> !isClaimed(device))
            .toList();
    orphans.forEach(this::detach);
    return orphans;
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
    if (Discards.forbidden(device)) {
      remove(device);
    }
  }

  /** Takes a free device out of the kernel, which makes another of its name when it needs one. */
  private static void remove(Path device) {
    String number = device.getFileName().toString().replace("loop", "");
    long control = Libc.open(CONTROL, O_RDWR | O_CLOEXEC);
    if (control >= 0) {
      long result = Libc.ioctl(control, LOOP_CTL_REMOVE, Long.parseLong(number));
      Libc.close(control);
      LOG.debugf("%s is removed: %s", device, result < 0 ? Libc.message(result) : "done");
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

  /** Whether the file behind a loop device has been deleted, as the kernel shows it. */
  static boolean isBackingDeleted(Path device) {
    return backingFile(device).filter(shown -> shown.endsWith(DELETED)).isPresent();
  }
}
