package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Growable;
import dev.berth.backend.Observed;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.VolumeLookup;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.Progress;
import dev.berth.volume.Shown;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What is done with a volume besides mounting it: growing it, copying it. While that lasts a
 * mounted volume is pinned, so that it stays mounted and its lock is free for more mounts; one that
 * is not mounted is locked. One at a time for each volume: the next waits, no longer than a short
 * call may take.
 */
@ApplicationScoped
public class Maintenance implements VolumeLookup {
  private static final Logger LOG = Logger.getLogger(Maintenance.class);

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final VolumeLocks locks;
  private final Pins pins;
  private final LifecycleConfig.Limits limits;
  private final AtomicInteger running = new AtomicInteger();

  public Maintenance(
      Records records,
      LocalView view,
      Backends backends,
      VolumeLocks locks,
      Pins pins,
      LifecycleConfig config) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.locks = locks;
    this.pins = pins;
    limits = config.limits();
  }

  @Override
  public List<Volume> all() {
    return records.all();
  }

  @Override
  public Volume require(VolumeName name) {
    return ready(name);
  }

  @Override
  public <T> T using(VolumeName name, Function<Volume, T> work) {
    return during(name, new Progress("copy"), work);
  }

  /**
   * Makes a volume larger: the new size is written first, then device and filesystem follow; a
   * filesystem that is not mounted follows at the next mount. That size already: whatever is
   * missing of it is done. A smaller one: {@link VolumeException.Invalid}. If the backend says no,
   * the volume has its old size again; if that is not known, it keeps the new one.
   */
  Volume grow(VolumeName name, ByteSize size) {
    return during(name, new Progress("grow"), volume -> grow(volume, growable(volume), size));
  }

  private Growable growable(Volume volume) {
    if (backends.require(volume.backend()) instanceof Growable growable) {
      return growable;
    }
    throw new VolumeException.Invalid(
        "volume %s: the backend %s cannot grow volumes".formatted(volume.name(), volume.backend()));
  }

  private Volume grow(Volume volume, Growable growable, ByteSize size) {
    ByteSize present = volume.options().require(CommonOptions.SIZE);
    ByteSize whole = wholeSize(volume, growable, size);
    if (whole.compareTo(present) < 0) {
      throw new VolumeException.Invalid(
          "volume %s has %s and cannot become smaller (%s)"
              .formatted(volume.name(), present, size));
    }
    Volume intended = whole.equals(present) ? volume : resized(volume, whole);
    Progress.reached(LifecycleStep.GROW_INTENT_WRITTEN);
    try {
      growable.enlarge(intended);
    } catch (VolumeException.UnknownOutcome | VolumeException.Busy e) {
      throw e;
    } catch (VolumeException e) {
      takeBack(intended, whole.equals(present) ? sizeBefore(volume, growable) : present, e);
      throw e;
    }
    Volume grown = growable.follow(intended, records);
    Progress.reached(LifecycleStep.GROW_DONE);
    view.update(volume.name(), status -> status.withTrouble(Optional.empty()));
    return grown;
  }

  /** A size that nothing can have, and that an earlier call wrote all the same, is taken back. */
  private ByteSize wholeSize(Volume volume, Growable growable, ByteSize size) {
    try {
      return growable.sizeFor(volume, size);
    } catch (VolumeException.Invalid e) {
      if (size.equals(volume.options().require(CommonOptions.SIZE))) {
        takeBack(volume, sizeBefore(volume, growable), e);
      }
      throw e;
    }
  }

  private Volume resized(Volume volume, ByteSize size) {
    return records.replace(volume, volume.options().with(CommonOptions.SIZE, size));
  }

  /** Of one whose size was written by an earlier call; if that is not known, it stays. */
  private static ByteSize sizeBefore(Volume volume, Growable growable) {
    if (volume.made().content() instanceof Content.Blank blank) {
      return blank.size();
    }
    ByteSize recorded = volume.options().require(CommonOptions.SIZE);
    try {
      return growable.presentSize(volume).orElse(recorded);
    } catch (VolumeException e) {
      LOG.warnf(e, "volume %s: its present size is not known", volume.name());
      return recorded;
    }
  }

  /** Mounts may have changed the row meanwhile, but nobody the size. */
  private void takeBack(Volume intended, ByteSize size, VolumeException cause) {
    try {
      Volume now = records.require(intended.name());
      if (now.id().equals(intended.id())
          && !now.options().require(CommonOptions.SIZE).equals(size)) {
        resized(now, size);
        Progress.reached(LifecycleStep.GROW_TAKEN_BACK);
      }
    } catch (VolumeException e) {
      LOG.warnf(
          e,
          "volume %s: the larger size stays recorded; the same command tries again",
          intended.name());
      cause.addSuppressed(e);
    }
  }

  Snapshot takeSnapshot(VolumeName name) {
    return during(name, new Progress("snapshot"), volume -> store(volume).takeSnapshot(volume));
  }

  /** The snapshots of all backends, those of removed volumes included, the oldest first. */
  List<Snapshot> snapshots() {
    return stores().stream().flatMap(store -> store.snapshots().stream()).toList();
  }

  /** Deletes a snapshot; {@link VolumeException.NotFound} if there is none of this id. */
  void deleteSnapshot(String id) {
    SnapshotStore holder =
        stores().stream()
            .filter(
                store -> store.snapshots().stream().anyMatch(snapshot -> snapshot.id().equals(id)))
            .findFirst()
            .orElseThrow(() -> new VolumeException.NotFound("no such snapshot: " + Shown.of(id)));
    holder.deleteSnapshot(id);
  }

  /**
   * See {@link SnapshotStore#discardUnfinished}; what fails is logged and tried at the next start.
   */
  void discardUnfinishedSnapshots() {
    for (SnapshotStore store : stores()) {
      try {
        store.discardUnfinished();
      } catch (RuntimeException e) {
        LOG.warn("unfinished snapshots of an earlier run could not be deleted", e);
      }
    }
  }

  /**
   * How many growths and copies go on or wait for their turn, whether their callers wait or not.
   * Stopping waits for all of them.
   */
  public int running() {
    return running.get();
  }

  /** See {@link SnapshotStore#abandonCopies}. */
  public void abandonCopies() {
    stores().forEach(SnapshotStore::abandonCopies);
  }

  private SnapshotStore store(Volume volume) {
    if (backends.require(volume.backend()) instanceof SnapshotStore store) {
      return store;
    }
    throw new VolumeException.Invalid(
        "volume %s: the backend %s has no snapshots".formatted(volume.name(), volume.backend()));
  }

  private List<SnapshotStore> stores() {
    return backends.all().stream()
        .filter(SnapshotStore.class::isInstance)
        .map(SnapshotStore.class::cast)
        .toList();
  }

  private <T> T during(VolumeName name, Progress progress, Function<Volume, T> work) {
    running.incrementAndGet();
    try {
      return exclusively(name, progress, work);
    } finally {
      running.decrementAndGet();
    }
  }

  private <T> T exclusively(VolumeName name, Progress progress, Function<Volume, T> work) {
    long end = System.nanoTime() + limits.shortCall().toNanos();
    while (true) {
      pins.awaitUnpinned(name, Duration.ofNanos(end - System.nanoTime()));
      Optional<Supplier<T>> rest =
          locks.with(
              name,
              progress,
              Duration.ofNanos(end - System.nanoTime()),
              () ->
                  pins.find(name).isPresent()
                      ? Optional.empty()
                      : Optional.of(begin(ready(name), progress, work)));
      if (rest.isPresent()) {
        return rest.get().get();
      }
    }
  }

  /** What is left to do once the lock is free. */
  private <T> Supplier<T> begin(Volume volume, Progress progress, Function<Volume, T> work) {
    if (backends.require(volume.backend()).observe(volume) instanceof Observed.Mounted) {
      pins.pin(volume.name(), progress);
      return () -> pinned(volume, progress, work);
    }
    T result = work.apply(volume);
    return () -> result;
  }

  private <T> T pinned(Volume volume, Progress progress, Function<Volume, T> work) {
    try {
      return progress.track(() -> work.apply(volume));
    } finally {
      pins.unpin(volume.name());
    }
  }

  private Volume ready(VolumeName name) {
    Volume volume = records.require(name);
    return switch (volume.state()) {
      case VolumeState.Ready _ -> volume;
      case VolumeState.Deleting _ -> throw RemoveVolume.beingRemoved(name);
      case VolumeState.Creating creating ->
          throw new VolumeException.Conflict("volume %s is %s".formatted(name, creating.word()));
    };
  }
}
