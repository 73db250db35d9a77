package dev.berth.ops;

import dev.berth.host.CommandRunner;
import dev.berth.host.HostException;
import dev.berth.host.LoopDevices;
import dev.berth.host.Tool;
import dev.berth.ledger.VolumeLedger;
import dev.berth.lifecycle.Reserve;
import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What can be wrong with a host, one small check each. Readiness, {@code berth doctor} and the
 * start share them.
 */
@ApplicationScoped
public class HostChecks {
  private static final Set<String> FORGETS = Set.of("tmpfs", "ramfs", "overlay");
  private static final long SCARCE_PERCENT = 5;
  private static final Instant BUILT_AFTER = Instant.parse("2026-01-01T00:00:00Z");

  private final CommandRunner commands;
  private final VolumeLedger ledger;
  private final MountClients clients;
  private final Reserve reserve;
  private final Confinement confinement;
  private final EngineCheck engine = new EngineCheck(EngineCheck.SOCKET, EngineCheck.LIMIT);
  private final Path root;
  private final Path socket;
  private final Clock clock;

  public HostChecks(
      CommandRunner commands,
      VolumeLedger ledger,
      MountClients clients,
      Reserve reserve,
      Confinement confinement,
      OpsConfig config,
      Clock clock) {
    this.commands = commands;
    this.ledger = ledger;
    this.clients = clients;
    this.reserve = reserve;
    this.confinement = confinement;
    this.clock = clock;
    root = config.root();
    socket = config.socket();
  }

  /** All of them. */
  public List<Finding> all() {
    return Stream.of(
            tools(),
            List.of(
                installedClients(),
                clients.finding(),
                ledger(),
                root(),
                space(),
                loopDevices(),
                permissions(),
                socket(),
                clock(),
                settings(),
                engine.finding()),
            confinement.all())
        .flatMap(List::stream)
        .toList();
  }

  /** A finding for each program that is missing, or one that none is. */
  List<Finding> tools() {
    List<Finding> missing =
        Stream.of(Tool.values())
            .filter(tool -> !Tool.FUSE.contains(tool))
            .filter(tool -> commands.locate(tool).isEmpty())
            .map(HostChecks::missing)
            .toList();
    return missing.isEmpty() ? List.of(Finding.ok("tools", "all programs are installed")) : missing;
  }

  private static Finding missing(Tool tool) {
    String message =
        "%s is not installed; install the package %s"
            .formatted(tool.program(), tool.debianPackage());
    return tool.required()
        ? Finding.error("tools", message)
        : Finding.warning("tools", message + " to use its filesystem");
  }

  private Finding installedClients() {
    String installed =
        Stream.of(Tool.S3FS, Tool.RCLONE, Tool.MOUNT_S3)
            .filter(tool -> commands.locate(tool).isPresent())
            .map(Tool::program)
            .collect(Collectors.joining(", "));
    return Finding.ok(
        "clients",
        installed.isEmpty()
            ? "no FUSE client is installed; s3 volumes need s3fs, rclone or mount-s3"
            : "s3 volumes can use " + installed);
  }

  Finding ledger() {
    try {
      ledger.checkWritable();
      return Finding.ok("ledger", "it can be written");
    } catch (VolumeException e) {
      return Finding.error("ledger", e.getMessage());
    }
  }

  Finding root() {
    try {
      Files.delete(Files.createTempFile(root, "check", ""));
      Optional<String> refusal = RootFilesystem.refusal(root);
      if (refusal.isPresent()) {
        return Finding.error("root", refusal.get());
      }
      String type = Files.getFileStore(root).type();
      if (FORGETS.contains(type)) {
        return Finding.warning(
            "root",
            "%s is on %s: loop volumes there may not survive a restart".formatted(root, type));
      }
      return Finding.ok("root", "%s is writable, on %s".formatted(root, type));
    } catch (IOException e) {
      return Finding.error(
          "root", "%s cannot be written (%s); set berth.root".formatted(root, Reasons.of(e)));
    }
  }

  Finding space() {
    Optional<String> shortage = reserve.shortage();
    if (shortage.isPresent()) {
      return Finding.error("space", "volumes are neither created nor mounted: " + shortage.get());
    }
    try {
      FileStore store = Files.getFileStore(root);
      ByteSize free = ByteSize.ofMiB(store.getUsableSpace() >> 20);
      String message = "%s has %s free".formatted(root, free);
      return store.getUsableSpace() < store.getTotalSpace() / 100 * SCARCE_PERCENT
          ? Finding.warning(
              "space", message + "; loop volumes take what is written to them from there")
          : Finding.ok("space", message);
    } catch (IOException e) {
      return Finding.error("space", "%s cannot be read: %s".formatted(root, Reasons.of(e)));
    }
  }

  private Finding loopDevices() {
    if (!Files.exists(Path.of("/dev/loop-control"))) {
      return Finding.error(
          "loop", "/dev/loop-control is missing; run 'modprobe loop', or give the container /dev");
    }
    try {
      List<String> buffered = LoopDevices.bufferedIn(root);
      return withoutDirectIo()
          .or(() -> buffered.stream().reduce((one, other) -> one + "; " + other))
          .map(why -> Finding.warning("loop", "loop devices are there, but " + why))
          .orElse(Finding.ok("loop", "loop devices are there, with direct I/O"));
    } catch (IOException e) {
      return unseen(Reasons.of(e));
    } catch (HostException e) {
      return unseen(e.getMessage());
    }
  }

  private static Finding unseen(String why) {
    return Finding.warning("loop", "loop devices cannot be looked at: " + why);
  }

  private Optional<String> withoutDirectIo() throws IOException {
    Path file = Files.createTempFile(root, "check", "");
    try {
      return LoopDevices.directIoObstacle(file)
          .map(
              why ->
                  "none below %s can do direct I/O (%s): if the disk there becomes full, volumes can lose what was fsynced. Keep it from that, or set berth.root to a directory on ext4 or xfs"
                      .formatted(root, why));
    } finally {
      Files.delete(file);
    }
  }

  private static Finding permissions() {
    return "root".equals(System.getProperty("user.name"))
        ? Finding.ok("permissions", "running as root")
        : Finding.error("permissions", "Berth must run as root to attach and mount devices");
  }

  private Finding socket() {
    if (!Files.exists(socket)) {
      return Finding.warning("socket", "%s is not there yet".formatted(socket));
    }
    return socket.startsWith("/run/docker/plugins")
        ? Finding.ok("socket", "Docker finds %s".formatted(socket))
        : Finding.warning(
            "socket", "Docker looks in /run/docker/plugins only, not at %s".formatted(socket));
  }

  private Finding settings() {
    List<String> unknown = UnknownVariables.ofThisProcess();
    return unknown.isEmpty()
        ? Finding.ok("settings", "all BERTH_ variables are settings of Berth")
        : Finding.warning("settings", String.join("; ", unknown));
  }

  private Finding clock() {
    return clock.instant().isAfter(BUILT_AFTER)
        ? Finding.ok("clock", "it says " + clock.instant())
        : Finding.warning(
            "clock", "it says %s, which is in the past; set it".formatted(clock.instant()));
  }
}
