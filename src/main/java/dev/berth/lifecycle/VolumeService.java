package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Supervised;
import dev.berth.ledger.VolumeLedger;
import dev.berth.volume.ByteSize;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountId;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * All that can be asked of Berth. Calls answer within {@code berth.limits}, with {@link
 * VolumeException} if they cannot do what was asked. {@link #status}, {@link #statuses} and {@link
 * #mountpoint} never block; the others do.
 */
@ApplicationScoped
public class VolumeService {
  private static final Logger LOG = Logger.getLogger(VolumeService.class);
  private final Operations operations;
  private final CreateVolume create;
  private final MountVolume mount;
  private final ReleaseVolume release;
  private final Flushes flushes;
  private final RemoveVolume remove;
  private final ForceRelease forceRelease;
  private final Maintenance maintenance;
  private final ReleaseQueue queue;
  private final Sweeper sweeper;
  private final LocalView view;
  private final Records records;
  private final Backends backends;
  private final EngineEpoch epoch;
  private final boolean shared;
  private final LifecycleConfig.Limits limits;
  private final Duration linger;

  public VolumeService(
      Operations operations,
      CreateVolume create,
      MountVolume mount,
      ReleaseVolume release,
      Flushes flushes,
      RemoveVolume remove,
      ForceRelease forceRelease,
      Maintenance maintenance,
      ReleaseQueue queue,
      Sweeper sweeper,
      LocalView view,
      Records records,
      Backends backends,
      EngineEpoch epoch,
      VolumeLedger ledger,
      LifecycleConfig config) {
    this.operations = operations;
    this.create = create;
    this.mount = mount;
    this.release = release;
    this.flushes = flushes;
    this.remove = remove;
    this.forceRelease = forceRelease;
    this.maintenance = maintenance;
    this.queue = queue;
    this.sweeper = sweeper;
    this.view = view;
    this.records = records;
    this.backends = backends;
    this.epoch = epoch;
    shared = ledger.shared();
    limits = config.limits();
    linger = config.linger();
  }

  /** An engine has started to use Berth: ids of earlier ones no longer count. */
  public void engineActivated() {
    epoch.advance();
    sweeper.sweep();
  }

  /** Whether other hosts see the same volumes. */
  public boolean shared() {
    return shared;
  }

  /**
   * Creates a volume. There already: success if nothing in {@code given} contradicts it, else
   * {@link VolumeException.Conflict}.
   */
  public Volume create(VolumeName name, Map<String, String> given) {
    CreateVolume.Request request = create.parse(name, given);
    return operations.run(name, "create", limits.longCall(), () -> create.run(request));
  }

  /**
   * Mounts a volume for {@code id} and returns the path for Docker. Mounted already: at once.
   * Unknown: {@link VolumeException.NotFound}. Not to be seen by {@code caller}: {@link
   * VolumeException.Failed}, and nothing is left of it.
   */
  public Path mount(VolumeName name, MountId id, Caller caller) {
    return operations.run(
        name,
        "mount",
        limits.longCall(),
        () -> mount.run(name, id, caller),
        unwanted -> abandon(name, id));
  }

  /** Takes a Mount back whose answer could not be delivered. */
  public void abandonMount(VolumeName name, MountId id) {
    operations.run(
        name,
        "undo mount",
        limits.shortCall(),
        () -> {
          abandon(name, id);
          return true;
        });
  }

  private void abandon(VolumeName name, MountId id) {
    release.abandon(name, id);
    queue.tryAfter(name, ReleaseVolume.KEPT_FOR_RETRY);
  }

  /**
   * Forgets {@code id}, flushes, and lets the volume go when nobody uses it; what of that takes
   * longer than the limit, or has to wait for the lock so long, is done after the answer: an engine
   * never repeats an Unmount, and counts wrong after one that failed. Anything unknown: success.
   */
  public void unmount(VolumeName name, MountId id) {
    Optional<VolumeStatus> known = view.find(name);
    if (known.isEmpty()) {
      return;
    }
    long started = System.nanoTime();
    try {
      operations.run(
          name,
          "unmount",
          limits.shortCall(),
          () -> {
            release.drop(name, id);
            return true;
          });
    } catch (VolumeException.Busy e) {
      release.dropLater(name, id, e);
    }
    Duration left = limits.shortCall().minusNanos(System.nanoTime() - started);
    try {
      operations.runUnlocked(
          name, "flush and release", left, () -> flushAndLetGo(known.get().volume()));
    } catch (VolumeException.Busy e) {
      LOG.warnf(
          "volume %s: Unmount is answered before all that was written is on the device: %s",
          name, e.getMessage());
    }
  }

  private void flushAndLetGo(Volume volume) {
    flushes.run(volume);
    if (linger.isZero()) {
      queue.tryNow(volume.name());
    } else {
      queue.tryAfter(volume.name(), linger);
    }
  }

  /**
   * Removes a volume and, unless its options say otherwise, its data. Unknown: success. In use:
   * refused.
   */
  public void remove(VolumeName name) {
    operations.run(
        name,
        "remove",
        limits.shortCall(),
        () -> {
          remove.run(name);
          return true;
        });
  }

  public Optional<VolumeStatus> status(VolumeName name) {
    return view.find(name);
  }

  /**
   * As {@link #status}, for the engine: a volume whose first Create goes on is not there yet. The
   * engine holds that name's lock as long as its Create lasts, and waits for the lock of each
   * volume that it is told of; one that it is told of it never creates, so that a repeated Create
   * would not come here and join the first.
   */
  public Optional<VolumeStatus> made(VolumeName name) {
    return view.find(name).filter(status -> !create.isBeingMade(name));
  }

  /** As {@link #made}, all of them. */
  public List<VolumeStatus> made() {
    return view.sorted().stream()
        .filter(status -> !create.isBeingMade(status.volume().name()))
        .toList();
  }

  /** All volumes, by name. */
  public List<VolumeStatus> statuses() {
    return view.sorted();
  }

  /** The path Docker is given for a volume, mounted or not. */
  public Path mountpoint(Volume volume) {
    return backends.require(volume.backend()).mountpoint(volume);
  }

  /** The process that serves a volume's mount here, if one does. */
  public Optional<MountClient> client(Volume volume) {
    return backends.require(volume.backend()) instanceof Supervised supervised
        ? supervised.client(volume)
        : Optional.empty();
  }

  /** See {@link Maintenance#grow}. */
  public Volume grow(VolumeName name, ByteSize size) {
    return maintenance.grow(name, size);
  }

  public Snapshot takeSnapshot(VolumeName name) {
    return maintenance.takeSnapshot(name);
  }

  public List<Snapshot> snapshots() {
    return maintenance.snapshots();
  }

  /** Deletes a snapshot; {@link VolumeException.NotFound} if there is none. */
  public void deleteSnapshot(String id) {
    maintenance.deleteSnapshot(id);
  }

  /** See {@link ForceRelease#run}. */
  public int release(VolumeName name, boolean force, boolean discard) {
    records.require(name);
    return operations.run(
        name, "release", limits.shortCall(), () -> forceRelease.run(name, force, discard));
  }
}
