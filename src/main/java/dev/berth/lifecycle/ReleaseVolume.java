package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.Claim;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Lets go of a volume: drops mount ids, and unmounts it once nobody uses it. All methods are called
 * with the lock held, but {@link #dropLater} and {@link #owes}.
 */
@ApplicationScoped
public class ReleaseVolume {
  private static final Logger LOG = Logger.getLogger(ReleaseVolume.class);

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final UseCheck useCheck;
  private final Pins pins;
  private final Flushes flushes;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Clock clock;
  private final Duration linger;

  /**
   * Mounts whose caller has gone are kept that long for its next try, which comes with another id.
   */
  static final Duration KEPT_FOR_RETRY = Duration.ofSeconds(10);

  private final ConcurrentHashMap<VolumeName, Span> kept = new ConcurrentHashMap<>();

  private final OwedIds owed = new OwedIds();

  public ReleaseVolume(
      Records records,
      LocalView view,
      Backends backends,
      UseCheck useCheck,
      Pins pins,
      Flushes flushes,
      EngineEpoch epoch,
      ThisHost host,
      Clock clock,
      LifecycleConfig config) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.useCheck = useCheck;
    this.pins = pins;
    this.flushes = flushes;
    this.epoch = epoch;
    this.host = host;
    this.clock = clock;
    linger = config.linger();
  }

  /** What became of an attempt to release. */
  sealed interface Outcome {
    /** Nothing of the volume is on this host any more. */
    record Released() implements Outcome {}

    /** It is used, or it could not be unmounted; the sweeper tries again. */
    record Held(String why) implements Outcome {}

    /** Its linger is not over until then. */
    record Lingering(Instant until) implements Outcome {}
  }

  /**
   * Forgets a mount id. Unknown: success. An engine never repeats an Unmount, so where the ledger
   * cannot be written the id is forgotten in memory, and in the ledger by the first release that
   * can write it; only a restart of Berth before that brings it back, until a new engine comes.
   */
  void drop(VolumeName name, MountId id) {
    try {
      forget(name, Set.of(id));
      Progress.reached(LifecycleStep.UNMOUNT_ID_DROPPED);
    } catch (VolumeException.Failed | VolumeException.UnknownOutcome e) {
      dropLater(name, id, e);
    }
  }

  /**
   * As {@link #drop} where the ledger cannot be written, for an Unmount that did not get the lock.
   */
  void dropLater(VolumeName name, MountId id, VolumeException cause) {
    LOG.warnf(
        "volume %s: that mount id %s is gone is not in the ledger yet: %s",
        name, id, cause.getMessage());
    owed.add(name, id);
    view.update(
        name,
        status ->
            status.withClaim(
                status.claim().map(claim -> claim.without(Set.of(id), clock.instant()))));
  }

  /** Whether there are ids that only the next attempt to release takes out of the ledger. */
  boolean owes(VolumeName name) {
    return !owed.of(name).isEmpty();
  }

  private Optional<Claim> forget(VolumeName name, Set<MountId> ids) {
    return records
        .claim(name)
        .map(claim -> records.putClaim(Optional.of(claim), claim.without(ids, clock.instant())));
  }

  /** The claim as the ledger has it, once what could not be written before is in it. */
  private Optional<Claim> settledClaim(VolumeName name) {
    Set<MountId> ids = owed.of(name);
    if (ids.isEmpty()) {
      return records.claim(name);
    }
    Optional<Claim> settled = forget(name, ids);
    owed.settle(name, ids);
    return settled;
  }

  /**
   * As {@link #drop}, for a Mount that ended after its caller had gone: the volume is kept for the
   * caller's next try.
   */
  void abandon(VolumeName name, MountId id) {
    drop(name, id);
    kept.put(name, new Span(clock.instant(), KEPT_FOR_RETRY));
  }

  /** A Mount has come, perhaps of the caller for whom an abandoned one was kept. */
  void wanted(VolumeName name, MountId id) {
    kept.remove(name);
    owed.settle(name, Set.of(id));
  }

  /**
   * Unmounts the volume and drops claim and owner, if no live id is left, nothing pins it, its
   * linger is over, and no mount namespace holds it. Never throws because of what the volume is
   * like; the reason is in the outcome.
   */
  Outcome tryRelease(VolumeName name) {
    return tryRelease(name, true);
  }

  /** As {@link #tryRelease}, without waiting for the linger, and recorded as held here or not. */
  Outcome releaseNow(VolumeName name) {
    return tryRelease(name, false);
  }

  private Outcome tryRelease(VolumeName name, boolean patient) {
    Optional<Volume> found = records.find(name);
    if (found.isEmpty() || !(found.get().state() instanceof VolumeState.Ready)) {
      kept.remove(name);
      owed.settle(name, owed.of(name));
      return new Outcome.Released();
    }
    Optional<Claim> claim = settledClaim(name).map(this::withoutDeadIds);
    boolean recorded =
        claim.isPresent() || found.get().made().owner().filter(host.id()::equals).isPresent();
    if (!recorded && (patient || !useCheck.mayBeMounted(found.get()))) {
      return new Outcome.Released();
    }
    long live = claim.map(present -> present.liveIds(host.bootId(), epoch.current())).orElse(0L);
    if (live > 0) {
      return new Outcome.Held(live + " mount ids");
    }
    Optional<String> busy = pins.find(name).map(Progress::toString).or(() -> flushes.find(name));
    if (busy.isPresent()) {
      return new Outcome.Held(busy.get());
    }
    Optional<Instant> until = claim.filter(present -> patient).flatMap(this::lingersUntil);
    if (until.isPresent()) {
      return new Outcome.Lingering(until.get());
    }
    try {
      useCheck.refuseHeld(found.get(), UseCheck.BRIEFLY);
      release(found.get(), claim);
      return new Outcome.Released();
    } catch (VolumeException.InUse e) {
      view.update(name, status -> status.withHeld(e.getMessage()));
      return new Outcome.Held(e.getMessage());
    } catch (VolumeException e) {
      LOG.warnf("volume %s could not be released: %s", name, e.getMessage());
      trouble(name, e);
      return new Outcome.Held(e.getMessage());
    }
  }

  /**
   * Ids that are all dead are forgotten: nothing tells after a restart that the engine that sent
   * them has been followed by another, unless that one has mounted something.
   */
  private Claim withoutDeadIds(Claim claim) {
    boolean dead =
        !claim.mountIds().isEmpty() && claim.liveIds(host.bootId(), epoch.current()) == 0;
    return dead ? records.putClaim(Optional.of(claim), claim.withoutIds(claim.touched())) : claim;
  }

  private Optional<Instant> lingersUntil(Claim claim) {
    Instant now = clock.instant();
    return Stream.of(
            Optional.of(new Span(claim.touched(), linger)),
            Optional.ofNullable(kept.get(claim.volume())))
        .flatMap(Optional::stream)
        .flatMap(span -> span.endAfter(now).stream())
        .max(Comparator.naturalOrder());
  }

  /**
   * After a Mount that failed: takes its id back, and the claim and the owner, if nobody else needs
   * them.
   */
  void giveUp(VolumeName name, MountId id, Throwable cause) {
    trouble(name, cause);
    try {
      Optional<Claim> claim = records.claim(name);
      if (claim.isPresent() && claim.get().mountIds().containsKey(id)) {
        claim =
            Optional.of(records.putClaim(claim, claim.get().without(Set.of(id), clock.instant())));
        Progress.reached(LifecycleStep.MOUNT_ID_TAKEN_BACK);
      }
      boolean wanted =
          claim.filter(present -> present.liveIds(host.bootId(), epoch.current()) > 0).isPresent();
      if (!wanted) {
        Volume volume = records.require(name);
        useCheck.refuseHeld(volume, UseCheck.BRIEFLY);
        release(volume, claim);
      }
    } catch (VolumeException e) {
      LOG.warnf(
          e, "volume %s: a failed mount could not be undone yet; the sweeper tries again", name);
      cause.addSuppressed(e);
    }
  }

  private void release(Volume volume, Optional<Claim> claim) {
    VolumeBackend backend = backends.require(volume.backend());
    try {
      backend.unmount(volume);
    } catch (VolumeException e) {
      // It may be unmounted and not detached.
      view.observe(volume.name(), backend::observe);
      throw e;
    }
    Progress.reached(LifecycleStep.RELEASE_UNMOUNTED);
    view.update(volume.name(), status -> status.with(new Observed.Detached()));
    kept.remove(volume.name());
    claim.ifPresent(records::dropClaim);
    Progress.reached(LifecycleStep.RELEASE_CLAIM_DROPPED);
    if (volume.state() instanceof VolumeState.Ready ready
        && ready.owner().filter(host.id()::equals).isPresent()) {
      records.own(volume, Optional.empty());
    }
    Progress.reached(LifecycleStep.RELEASE_OWNER_DROPPED);
    LOG.debugf("volume %s released", volume.name());
  }

  void trouble(VolumeName name, Throwable cause) {
    view.update(
        name, status -> status.withTrouble(Optional.of(Trouble.of(cause, clock.instant()))));
  }
}
