package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.Supervised;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Claim;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Takes up what an earlier run of Berth left: half-done creates and removes are carried on, live
 * mounts re-adopted, claims of an earlier boot emptied, and what nobody uses any more is released.
 * {@link #loadView} runs before the socket listens and reads the ledger only; {@link #resume} runs
 * after, each volume by itself.
 */
@ApplicationScoped
public class Recovery {
  private static final Logger LOG = Logger.getLogger(Recovery.class);
  private static final Duration THAW_PAUSE = Duration.ofMillis(200);
  private static final Duration THAW_LIMIT = Duration.ofMinutes(5);
  private static final Duration LOCK_WAIT = Duration.ofMinutes(2);

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final CreateVolume create;
  private final RemoveVolume remove;
  private final ReleaseVolume release;
  private final ReleaseQueue queue;
  private final Maintenance maintenance;
  private final VolumeLocks locks;
  private final Pins pins;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Clock clock;

  public Recovery(
      Records records,
      LocalView view,
      Backends backends,
      CreateVolume create,
      RemoveVolume remove,
      ReleaseVolume release,
      ReleaseQueue queue,
      Maintenance maintenance,
      VolumeLocks locks,
      Pins pins,
      EngineEpoch epoch,
      ThisHost host,
      Clock clock) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.create = create;
    this.remove = remove;
    this.release = release;
    this.queue = queue;
    this.maintenance = maintenance;
    this.locks = locks;
    this.pins = pins;
    this.epoch = epoch;
    this.host = host;
    this.clock = clock;
  }

  /** Reads the ledger into memory; a ledger that cannot be trusted stops the start. */
  public void loadView() {
    records.load();
    view.all().stream()
        .flatMap(status -> status.claim().stream())
        .flatMap(claim -> claim.mountIds().values().stream())
        .forEach(epoch::atLeast);
  }

  /** Starts the work and returns at once. */
  public void resume() {
    Thread.ofVirtual().name("recover snapshots").start(maintenance::discardUnfinishedSnapshots);
    for (VolumeStatus status : view.all()) {
      if (concerns(status)) {
        Thread.ofVirtual()
            .name("recover " + status.volume().name())
            .start(() -> resume(status.volume().name()));
      }
    }
  }

  private boolean concerns(VolumeStatus status) {
    return status.claim().isPresent()
        || switch (status.volume().state()) {
          case VolumeState.Creating creating -> creating.by().equals(host.id());
          case VolumeState.Ready ready ->
              ready.owner().filter(host.id()::equals).isPresent()
                  || (ready.owner().isEmpty() && isToBeLarger(status.volume()));
          case VolumeState.Deleting deleting -> isOursOrNobodys(deleting.was().owner());
        };
  }

  private boolean isOursOrNobodys(Optional<HostId> owner) {
    return owner.isEmpty() || owner.get().equals(host.id());
  }

  private void resume(VolumeName name) {
    attempt(
        name,
        () ->
            locks.with(
                name,
                new Progress("recovery"),
                LOCK_WAIT,
                () -> {
                  records.find(name).ifPresent(this::resumeLocked);
                  return true;
                }));
    queue.tryNow(name);
    attempt(name, () -> finishGrow(name));
  }

  private void attempt(VolumeName name, Runnable work) {
    try {
      work.run();
    } catch (VolumeException e) {
      LOG.warnf("volume %s: recovery could not finish: %s", name, e.getMessage());
      release.trouble(name, e);
    } catch (RuntimeException | Error e) {
      LOG.warnf(e, "volume %s: recovery could not finish", name);
      release.trouble(name, e);
    }
  }

  private void resumeLocked(Volume volume) {
    switch (volume.state()) {
      case VolumeState.Creating creating -> create.resume(volume, creating);
      case VolumeState.Deleting deleting -> remove.resume(volume, deleting);
      case VolumeState.Ready ready -> readopt(volume);
    }
  }

  private void readopt(Volume volume) {
    VolumeBackend backend = backends.require(volume.backend());
    // Whoever pins a volume by now may have frozen it for a copy, and thaws it himself.
    if (backend instanceof SnapshotStore store && pins.find(volume.name()).isEmpty()) {
      thaw(volume, store);
    }
    Observed observed = backend.observe(volume);
    records
        .claim(volume.name())
        .filter(claim -> !claim.mountIds().isEmpty())
        .filter(claim -> !(observed instanceof Observed.Mounted) || isOfAnEarlierBoot(claim))
        .ifPresent(this::empty);
    if (backend instanceof Supervised supervised) {
      supervised.resume(volume);
    }
    view.update(volume.name(), status -> status.with(backend.observe(volume)));
  }

  /** One that cannot be thawed yet stays mounted until it can, without its lock. */
  private void thaw(Volume volume, SnapshotStore store) {
    try {
      store.thaw(volume);
    } catch (VolumeException.Busy e) {
      LOG.warn(e.getMessage());
      pins.pin(volume.name(), new Progress("thaw"));
      Thread.ofVirtual().name("thaw " + volume.name()).start(() -> thawPinned(volume, store));
    }
  }

  private void thawPinned(Volume volume, SnapshotStore store) {
    try {
      attempt(volume.name(), () -> thawPatiently(volume, store));
    } finally {
      pins.unpin(volume.name());
    }
  }

  /** A freeze that does not end keeps the volume no longer than that. */
  private void thawPatiently(Volume volume, SnapshotStore store) {
    Instant end = clock.instant().plus(THAW_LIMIT);
    for (boolean thawed = false; !thawed; ) {
      LockSupport.parkNanos(THAW_PAUSE.toNanos());
      try {
        store.thaw(volume);
        thawed = true;
      } catch (VolumeException.Busy e) {
        if (clock.instant().isAfter(end)) {
          throw new VolumeException.Failed(
              "%s. It is waited for no longer: when its device answers again, run 'fsfreeze -u' on its mountpoint on host %s, or start Berth again"
                  .formatted(e.getMessage(), host.id()),
              e);
        }
      }
    }
  }

  private boolean isOfAnEarlierBoot(Claim claim) {
    return !claim.bootId().equals(host.bootId());
  }

  private void empty(Claim claim) {
    Claim empty = Claim.empty(claim.volume(), host.id(), host.bootId(), clock.instant());
    records.putClaim(Optional.of(claim), empty.withRevision(claim.revision()));
    Progress.reached(LifecycleStep.RECOVERY_CLAIM_EMPTIED);
    LOG.infof("volume %s: nothing of its claim is mounted any more; it is emptied", claim.volume());
  }

  /**
   * A mounted filesystem would follow its volume's recorded size only at the next mount, and a size
   * that cannot be had would stay recorded.
   */
  private void finishGrow(VolumeName name) {
    Optional<Volume> grown =
        records
            .find(name)
            .filter(volume -> volume.state() instanceof VolumeState.Ready)
            .filter(Recovery::isToBeLarger)
            .filter(volume -> isOursOrNobodys(volume.made().owner()));
    if (grown.isPresent()) {
      maintenance.grow(name, grown.get().options().require(CommonOptions.SIZE));
    }
  }

  private static boolean isToBeLarger(Volume volume) {
    Optional<ByteSize> recorded =
        switch (volume.made().content()) {
          case Content.Blank blank -> Optional.of(blank.size());
          case Content.Formatted formatted -> Optional.of(formatted.size());
          case Content.Copied copied -> Optional.of(copied.size());
          case Content.Foreign foreign -> Optional.of(foreign.size());
          case Content.Formatting _, Content.Unmanaged _ -> Optional.empty();
        };
    return recorded
        .filter(size -> size.compareTo(volume.options().require(CommonOptions.SIZE)) < 0)
        .isPresent();
  }
}
