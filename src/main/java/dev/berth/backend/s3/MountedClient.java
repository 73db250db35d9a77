package dev.berth.backend.s3;

import dev.berth.host.Boot;
import dev.berth.host.DeviceNumber;
import dev.berth.host.FuseFilesystem;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.MountReplacer;
import dev.berth.host.MountTable;
import dev.berth.host.ProcessId;
import dev.berth.host.Tool;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The client of one volume on this host and its mount: how they come, are replaced, and go. Not for
 * use by several threads at once.
 *
 * <p>A client mounts at a path of its own; its mount is then put at the volume's mountpoint. So a
 * client that is replaced leaves no moment in which the mountpoint is a bare directory of the host,
 * and a client that unmounts its path when it ends, however late, takes nobody's mount away.
 */
final class MountedClient {
  private static final Logger LOG = Logger.getLogger(MountedClient.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final S3Tools tools;
  private final ClientPlans plans;
  private final ClientLauncher launcher;
  private final Volume volume;
  private final ClientDirectory directory;
  private final CacheDisk cache;
  private final Path mountpoint;
  private volatile @Nullable ClientRun run;

  /** What the client was started with. */
  private volatile Optional<HeldKeys> given = Optional.empty();

  MountedClient(S3Tools tools, ClientPlans plans, Volume volume) {
    this.tools = tools;
    this.plans = plans;
    this.volume = volume;
    launcher = new ClientLauncher(tools);
    directory = ClientDirectory.of(tools.stateDirectory(), volume.id());
    cache = new CacheDisk(tools, directory.path());
    mountpoint = tools.mountDirectory().resolve(volume.name().value());
  }

  Path mountpoint() {
    return mountpoint;
  }

  ClientDirectory directory() {
    return directory;
  }

  Optional<ClientRun> run() {
    return Optional.ofNullable(run);
  }

  /** The client that runs, or ran last. */
  Optional<ProcessId> process() {
    return run().flatMap(ClientRun::process);
  }

  /** Which keys it works with; empty if that is not known. Any thread may ask. */
  Optional<HeldKeys> held() {
    return run()
        .flatMap(
            current ->
                current.keysPort() != 0
                    ? plans.held(volume, current.generation())
                    : given.or(() -> HeldKeys.noted(current.keysPrint())));
  }

  boolean alive() {
    return process().filter(ProcessId::alive).isPresent();
  }

  /** Whether what is at the mountpoint is the filesystem of this client, dead or alive. */
  boolean inPlace() {
    return isAt(mountpoint, run().flatMap(ClientRun::filesystem));
  }

  /**
   * Starts the first client of a mount. On failure nothing is left but the cache, if there is
   * something in it that is nowhere else.
   */
  void start(Runnable ended) {
    endUnrecorded(List.of());
    directory.stagingMounts().forEach(tools.mounts()::detach);
    ClientPlans.Planned planned = plans.plan(volume, directory, 1);
    try {
      directory.make(1);
      ClientRun intent = ClientRun.intended(Boot.id(), planned);
      record(intent);
      Progress.reached(S3Step.CLIENT_INTENT_WRITTEN);
      makeCache(planned.client());
      ClientLauncher.Started started = launcher.launch(planned, directory, ended);
      given = planned.given();
      record(intent.started(started.process(), started.filesystem()));
      Progress.reached(S3Step.CLIENT_RECORDED);
      place(1);
    } catch (RuntimeException | Error e) {
      try {
        stop();
      } catch (RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Whether what its users write has nowhere to go on this host, though the client answers. */
  boolean cacheFailed() {
    return cache.failed();
  }

  private void makeCache(FuseClient client) {
    client.localSpace(volume.options()).ifPresent(cache::ensureMounted);
    cache.makeTemporary();
  }

  private void place(int generation) {
    clearMountpoint();
    makeMountpoint();
    tools.mounts().bind(directory.staging(generation), mountpoint);
    Progress.reached(S3Step.MOUNT_BOUND);
    unstage();
    if (!inPlace()) {
      throw new HostException.Unexpected(
          "what is mounted at %s is not the client's filesystem".formatted(mountpoint));
    }
  }

  private void unstage() {
    directory.stagingMounts().forEach(tools.mounts()::detach);
    Progress.reached(S3Step.STAGING_UNMOUNTED);
  }

  /**
   * Starts another client in the place of the one there is, and gives its filesystem to all that
   * have the old one mounted. The old client is ended, at once if it lives, unless it is to {@code
   * retire}: then it goes on for those who have files open. On failure the old mounts stay.
   */
  void succeed(boolean retire, Runnable ended) {
    ClientRun old = run().orElseThrow();
    if (!retire) {
      old.process().filter(ProcessId::alive).ifPresent(id -> launcher.kill(id, abortable(old)));
      Progress.reached(S3Step.OLD_CLIENT_ENDED);
    }
    endUnrecorded(recorded(old));
    directory.stagingMounts().forEach(tools.mounts()::detach);
    int generation = old.generation() + 1;
    ClientPlans.Planned planned = plans.plan(volume, directory, generation);
    directory.make(generation);
    makeCache(planned.client());
    ClientLauncher.Started started = launcher.launch(planned, directory, ended);
    given = planned.given();
    record(old.succeededBy(planned, started.process(), started.filesystem(), retire));
    Progress.reached(S3Step.CLIENT_RECORDED);
    putInPlace();
  }

  /** From a client that mounts at its own path to one whose mount is everywhere it has to be. */
  private void putInPlace() {
    ClientRun current = run().orElseThrow();
    Path staging = directory.staging(current.generation());
    replaceAll(current, staging);
    if (inPlace()) {
      unstage();
    } else {
      place(current.generation());
    }
  }

  /**
   * Gives those their mount back who have a filesystem of an earlier client; whoever could not be
   * served is in the returned texts.
   */
  List<String> replaceLeft() {
    ClientRun current = run().orElseThrow();
    return current.replaced().isEmpty() ? List.of() : replaceAll(current, mountpoint);
  }

  private List<String> replaceAll(ClientRun current, Path replacement) {
    List<FuseFilesystem> left = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (FuseFilesystem old : current.replaced()) {
      MountReplacer.Result result =
          tools
              .replacer()
              .replace(old, mountpoint, current.filesystem().orElseThrow(), replacement);
      if (!result.refused().isEmpty()) {
        left.add(old);
        refused.addAll(result.refused());
      }
    }
    Progress.reached(S3Step.MOUNTS_REPLACED);
    record(current.withReplaced(left));
    return refused;
  }

  /**
   * Takes up what an earlier run of Berth left. Whether there is something to watch is returned: a
   * client, dead or alive, whose mount may be in use.
   */
  boolean adopt() {
    Optional<ClientRun> found =
        directory.read().filter(earlier -> earlier.bootId().equals(Boot.id()));
    if (found.isEmpty() || found.get().process().isEmpty()) {
      return false;
    }
    run = found.get();
    endUnrecorded(recorded(found.get()));
    Path staging = directory.staging(found.get().generation());
    if (alive() && !inPlace() && isAt(staging, found.get().filesystem())) {
      putInPlace();
    } else {
      unstage();
    }
    return true;
  }

  /**
   * Unmounts the volume and waits for its client, which may take as long as its last uploads. Not
   * mounted: success. In use: the host's refusal, and it stays. A cache with something in it that
   * is nowhere else is kept.
   */
  void stop() {
    Optional<ClientRun> current =
        run().or(directory::read).filter(known -> known.bootId().equals(Boot.id()));
    boolean living = current.flatMap(ClientRun::process).filter(ProcessId::alive).isPresent();
    while (MountTable.own().at(mountpoint).filter(FuseFilesystem::isFuse).isPresent()) {
      if (living) {
        tools.mounts().unmount(mountpoint);
      } else {
        tools.mounts().detach(mountpoint);
      }
      Progress.reached(S3Step.MOUNT_UNMOUNTED);
    }
    directory.stagingMounts().forEach(tools.mounts()::detach);
    current.ifPresent(known -> known.replaced().forEach(tools.replacer()::forget));
    for (ProcessId process : current.map(MountedClient::recorded).orElse(List.of())) {
      launcher.end(process, PATIENCE);
    }
    endUnrecorded(List.of());
    Progress.reached(S3Step.CLIENT_ENDED);
    run = null;
    given = Optional.empty();
    plans.forget(volume);
    tools.memory().remove(volume.id().value());
    FuseClient client = FuseClients.of(volume.options());
    int left = cache.notUploaded(client);
    if (left > 0) {
      LOG.warnf(
          "volume %s: %d files that are not in %s yet are kept in %s; the next mount uploads them",
          volume.name(), left, Location.of(volume.options()), directory.path());
    }
    cache.release(left > 0);
    directory.delete(left > 0);
    deleteMountpoint();
    Progress.reached(S3Step.LOCAL_STATE_DELETED);
  }

  /**
   * Ends the clients that retired, but those {@code kept}. They have some time for those who have
   * files open, who get errors from then on.
   */
  void endRetired(Set<ProcessId> kept) {
    run().orElseThrow().retired().stream()
        .filter(process -> !kept.contains(process))
        .forEach(process -> launcher.end(process, PATIENCE));
  }

  /** The number of a client's filesystem, if that is mounted, so that no other one has it. */
  private Optional<DeviceNumber> abortable(ClientRun client) {
    return client
        .filesystem()
        .filter(filesystem -> isAt(mountpoint, Optional.of(filesystem)))
        .map(FuseFilesystem::device);
  }

  private static boolean isAt(Path place, Optional<FuseFilesystem> filesystem) {
    return filesystem
        .flatMap(known -> MountTable.own().at(place).filter(known::isMountedAs))
        .isPresent();
  }

  /** A client's mount that is on no record is of no use to anybody; any other mount is refused. */
  private void clearMountpoint() {
    while (MountTable.own().at(mountpoint).filter(FuseFilesystem::isFuse).isPresent()) {
      tools.mounts().detach(mountpoint);
    }
    Optional<MountEntry> there = MountTable.own().at(mountpoint);
    if (there.isPresent()) {
      throw new HostException.Unexpected(
          "%s is mounted at %s, and no client of Berth put it there; unmount it"
              .formatted(there.get().source(), mountpoint));
    }
  }

  private static List<ProcessId> recorded(ClientRun run) {
    return Stream.concat(run.process().stream(), run.retired().stream()).toList();
  }

  /** Clients that were started just before Berth ended, and that nobody knows. */
  private void endUnrecorded(List<ProcessId> known) {
    tools.daemons().find(Tool.FUSE, directory.path()).stream()
        .filter(process -> !known.contains(process))
        .forEach(process -> launcher.kill(process, Optional.empty()));
  }

  private void record(ClientRun next) {
    directory.write(next);
    run = next;
  }

  private void makeMountpoint() {
    try {
      Files.createDirectories(mountpoint);
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + mountpoint, e);
    }
  }

  private void deleteMountpoint() {
    try {
      Files.deleteIfExists(mountpoint);
    } catch (IOException e) {
      throw new HostException.Io("cannot remove the directory " + mountpoint, e);
    }
  }
}
