package dev.berth.backend.s3;

import dev.berth.host.DeviceNumber;
import dev.berth.host.FilesystemProbe;
import dev.berth.host.FuseFilesystem;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.host.ProcessId;
import dev.berth.volume.Progress;
import dev.berth.volume.Shown;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Starts clients, and ends them. */
final class ClientLauncher {
  private static final Logger LOG = Logger.getLogger(ClientLauncher.class);
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration PROBE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration SIGNAL = Duration.ofSeconds(5);
  private static final int LINES_SHOWN = 5;
  private static final int END_OF_LOG = 16 << 10;
  private static final long LARGEST_LOG = 4L << 20;

  private final S3Tools tools;

  ClientLauncher(S3Tools tools) {
    this.tools = tools;
  }

  /** A client that mounts. */
  record Started(ProcessId process, FuseFilesystem filesystem) {}

  /**
   * Starts a client and waits until its mount answers. If that does not happen within 30 seconds,
   * or the client ends, nothing of it is left, and what it said is in the {@link
   * VolumeException.Failed}.
   */
  Started launch(ClientPlans.Planned planned, ClientDirectory directory, Runnable ended) {
    MountPlan plan = planned.plan();
    try {
      rotateLog(directory.log());
      planned.client().secretFiles(plan).forEach(directory::writeSecret);
      ProcessId process =
          tools.daemons().start(planned.client().command(plan, directory.log()), ended);
      Progress.reached(S3Step.CLIENT_STARTED);
      try {
        planned.started().accept(process);
        tools
            .memory()
            .confine(directory.path().getFileName().toString(), process, plan.memory().bytes());
        FuseFilesystem filesystem = awaitReady(planned, process, directory);
        Progress.reached(S3Step.CLIENT_READY);
        return new Started(process, filesystem);
      } catch (RuntimeException | Error e) {
        process.end(true);
        tools.mounts().detach(plan.mountpoint());
        throw e;
      }
    } finally {
      directory.deleteSecrets();
    }
  }

  private static FuseFilesystem awaitReady(
      ClientPlans.Planned planned, ProcessId process, ClientDirectory directory) {
    Path mountpoint = planned.plan().mountpoint();
    long end = System.nanoTime() + READY.toNanos();
    while (System.nanoTime() < end) {
      Optional<MountEntry> entry = MountTable.own().at(mountpoint).filter(FuseFilesystem::isFuse);
      boolean answers =
          entry.isPresent()
              && FilesystemProbe.ask(mountpoint, PROBE) instanceof FilesystemProbe.Answer.Answers;
      if (!process.alive()) {
        throw failed(planned, "ended instead of mounting", directory);
      }
      if (answers) {
        return FuseFilesystem.of(entry.get(), planned.plan().filesystemName());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    throw failed(planned, "does not mount within %d s".formatted(READY.toSeconds()), directory);
  }

  private static VolumeException.Failed failed(
      ClientPlans.Planned planned, String what, ClientDirectory directory) {
    return new VolumeException.Failed(
        "volume %s: its client %s %s; it said: %s"
            .formatted(
                planned.plan().target().volume(),
                planned.client().kind().word(),
                what,
                lastWords(directory)));
  }

  /** The last lines of a client's log, as one; a store may have had its say in them. */
  static String lastWords(ClientDirectory directory) {
    try (SeekableByteChannel log = Files.newByteChannel(directory.log())) {
      log.position(Math.max(0, log.size() - END_OF_LOG));
      String end =
          new String(Channels.newInputStream(log).readNBytes(END_OF_LOG), StandardCharsets.UTF_8);
      List<String> lines = end.lines().filter(line -> !line.isBlank()).toList();
      return lines.isEmpty()
          ? "nothing"
          : lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()).stream()
              .map(Shown::said)
              .collect(Collectors.joining("; "));
    } catch (IOException e) {
      return "nothing";
    }
  }

  /** One older log is kept. */
  private static void rotateLog(Path log) {
    try {
      if (Files.exists(log)) {
        Files.move(
            log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot rotate " + log, e);
    }
  }

  /** Empties the log of a running client, which writes at its end, if it has become too long. */
  static void trimLog(Path log) {
    try {
      if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
        Files.copy(
            log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        Files.newByteChannel(log, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
            .close();
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot trim " + log, e);
    }
  }

  /**
   * Waits until a client whose mounts are gone has ended by itself, which takes as long as its last
   * uploads; after {@code patience} it is asked to end, and 5 seconds later made to.
   */
  void end(ProcessId process, Duration patience) {
    if (ended(process, patience)) {
      return;
    }
    process.end(false);
    if (!ended(process, SIGNAL)) {
      kill(process, Optional.empty());
    }
  }

  /**
   * Ends a client at once; whoever waits for its filesystem gets an error.
   *
   * @param device that of its mount, if that is still there: the kernel gives the number to another
   *     one as soon as it is gone
   */
  void kill(ProcessId process, Optional<DeviceNumber> device) {
    device.ifPresent(this::abort);
    process.end(true);
    if (!ended(process, SIGNAL)) {
      throw new HostException.Unexpected(
          "process %d does not end, even by SIGKILL: it hangs in the kernel"
              .formatted(process.pid()));
    }
  }

  /** The kernel does it too, as soon as the process has ended. */
  private void abort(DeviceNumber device) {
    try {
      tools.connections().abort(device);
    } catch (HostException e) {
      LOG.warnf("%s", e.getMessage());
    }
  }

  private static boolean ended(ProcessId process, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (process.alive()) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }
}
