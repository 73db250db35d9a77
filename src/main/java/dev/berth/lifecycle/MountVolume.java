package dev.berth.lifecycle;

import dev.berth.backend.BackendTraits.Sharing;
import dev.berth.backend.Backends;
import dev.berth.backend.ContentJournal;
import dev.berth.backend.Observed;
import dev.berth.backend.Observed.Health;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.Claim;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Mounts a volume for one mount id. The lock is held.
 *
 * <ol>
 *   <li>Mounted already: the mount is verified, the id noted, done. Neither a failing ledger nor
 *       one that says that another host has the volume can make that fail. The one thing that can
 *       is a filesystem that does not work any more: see {@link MountRepair}; if nobody uses it, it
 *       is unmounted and all of the following is done.
 *   <li>Where the host's disk is nearly full, the mount is refused: see {@link Reserve}.
 *   <li>An exclusive volume gets this host as its owner.
 *   <li>This host's claim is written, still without the id.
 *   <li>The volume is read again; if its removal has begun meanwhile, all is undone.
 *   <li>The backend mounts and verifies, and so must whoever called see it.
 *   <li>The id is noted in the claim.
 * </ol>
 *
 * A failure undoes what this call did; after a crash, {@link ReleaseVolume} finds owner and claim
 * without live ids: nobody will send the Unmount of a Mount that was never answered.
 */
@ApplicationScoped
public class MountVolume {
  private static final Logger LOG = Logger.getLogger(MountVolume.class);

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final CreateVolume create;
  private final MountRepair repair;
  private final ReleaseVolume release;
  private final Reserve reserve;
  private final CallerCheck callers;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Clock clock;

  public MountVolume(
      Records records,
      LocalView view,
      Backends backends,
      CreateVolume create,
      MountRepair repair,
      ReleaseVolume release,
      Reserve reserve,
      CallerCheck callers,
      EngineEpoch epoch,
      ThisHost host,
      Clock clock) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.create = create;
    this.repair = repair;
    this.release = release;
    this.reserve = reserve;
    this.callers = callers;
    this.epoch = epoch;
    this.host = host;
    this.clock = clock;
  }

  Path run(VolumeName name, MountId id, Caller caller) {
    long cameIn = epoch.current();
    callers.heardFrom(caller);
    callers.requireSeen();
    Volume volume = find(name);
    VolumeBackend backend = backends.require(volume.backend());
    if (observe(volume) instanceof Observed.Mounted mounted) {
      if (!(mounted.health() instanceof Health.Failed failed)) {
        return joinMount(volume, backend, id, cameIn, caller);
      }
      repair.run(volume, failed);
    }
    reserve.require("mount", name);
    Volume ready =
        switch (volume.state()) {
          case VolumeState.Ready made -> volume;
          case VolumeState.Creating creating -> create.resume(volume, creating);
          case VolumeState.Deleting deleting -> throw RemoveVolume.beingRemoved(name);
        };
    Volume owned = own(ready, backend);
    try {
      Claim claim = claim(owned);
      Volume current = records.require(name);
      if (current.state() instanceof VolumeState.Deleting) {
        throw RemoveVolume.beingRemoved(name);
      }
      Journal journal = new Journal();
      Path mountpoint = backend.mount(current, journal);
      callers.requireShown(current, mountpoint, caller);
      note(claim, id, cameIn);
      view.update(
          name, status -> status.with(backend.observe(current)).withTrouble(journal.warning));
      release.wanted(name, id);
      return mountpoint;
    } catch (RuntimeException | Error e) {
      release.giveUp(name, id, e);
      throw e;
    }
  }

  /** The view knows enough of what is mounted, where the ledger cannot be read. */
  private Volume find(VolumeName name) {
    try {
      return records.require(name);
    } catch (VolumeException.Failed | VolumeException.UnknownOutcome e) {
      return view.find(name).map(VolumeStatus::volume).filter(this::isMounted).orElseThrow(() -> e);
    }
  }

  private boolean isMounted(Volume volume) {
    return observe(volume) instanceof Observed.Mounted;
  }

  private Observed observe(Volume volume) {
    return volume.state() instanceof VolumeState.Ready
        ? backends.require(volume.backend()).observe(volume)
        : new Observed.Detached();
  }

  /** Keeps the last warning of a mount as trouble. */
  private final class Journal implements ContentJournal {
    private Optional<Trouble> warning = Optional.empty();

    @Override
    public Volume record(Volume current, Content next) {
      return records.record(current, next);
    }

    @Override
    public void warn(Volume volume, String message) {
      warning = Optional.of(new Trouble(message, clock.instant(), true));
    }
  }

  private Path joinMount(
      Volume volume, VolumeBackend backend, MountId id, long cameIn, Caller caller) {
    Path mountpoint = backend.mount(volume, records);
    callers.requireShown(volume, mountpoint, caller);
    release.wanted(volume.name(), id);
    try {
      note(claim(ownIfPossible(volume, backend)), id, cameIn);
    } catch (VolumeException.Failed | VolumeException.UnknownOutcome | VolumeException.Conflict e) {
      LOG.warnf(
          e,
          "volume %s: mount id %s could not be noted; it stays mounted while it is used",
          volume.name(),
          id);
    }
    view.update(
        volume.name(),
        status ->
            status
                .with(backend.observe(volume))
                .withTrouble(status.trouble().filter(Trouble::lasts)));
    return mountpoint;
  }

  /** After a change of this host's id, what is mounted here is held by the old one. */
  private Volume ownIfPossible(Volume volume, VolumeBackend backend) {
    try {
      return own(volume, backend);
    } catch (VolumeException.InUse | VolumeException.Conflict e) {
      LOG.warnf("volume %s is mounted here all the same: %s", volume.name(), e.getMessage());
      return volume;
    }
  }

  private Volume own(Volume volume, VolumeBackend backend) {
    if (backend.traits().sharing() == Sharing.SHARED) {
      return volume;
    }
    Optional<HostId> owner = volume.made().owner();
    if (owner.isEmpty()) {
      Volume owned = records.own(volume, Optional.of(host.id()));
      Progress.reached(LifecycleStep.MOUNT_OWNED);
      return owned;
    }
    if (owner.get().equals(host.id())) {
      return volume;
    }
    throw new VolumeException.InUse(
        "volume %s is held by host %s, and may be in use there; this is host %s. Stop its containers there, or, if that host is gone for good, run 'berth release --force %s'"
            .formatted(volume.name(), owner.get(), host.id(), volume.name()));
  }

  /** Of an earlier boot nothing is mounted any more: its ids are dropped. */
  private Claim claim(Volume volume) {
    Optional<Claim> present = records.claim(volume.name());
    if (present.isPresent() && present.get().bootId().equals(host.bootId())) {
      return present.get();
    }
    Claim empty = Claim.empty(volume.name(), host.id(), host.bootId(), clock.instant());
    Claim claimed =
        records.putClaim(
            present, present.map(old -> empty.withRevision(old.revision())).orElse(empty));
    Progress.reached(LifecycleStep.MOUNT_CLAIMED);
    return claimed;
  }

  private void note(Claim claim, MountId id, long cameIn) {
    records.putClaim(Optional.of(claim), claim.with(id, cameIn, clock.instant()));
    Progress.reached(LifecycleStep.MOUNT_CONFIRMED);
  }
}
