package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Existence;
import dev.berth.backend.Observed;
import dev.berth.backend.Retaining;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.VolumeBackend;
import dev.berth.backend.WriteBack;
import dev.berth.volume.Claim;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
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
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Removes a volume. The lock is held.
 *
 * <ol>
 *   <li>Whoever has it mounted, by ground truth, or holds it from another host: refused, nothing
 *       changed. So is a volume that is being flushed still.
 *   <li>{@link VolumeState.Deleting} is written.
 *   <li>Other hosts' claims are looked at once more, and it is unmounted here. In use after all:
 *       back to what it was.
 *   <li>Its thing is deleted, kept, or kept as a snapshot, as {@code onRemove} says.
 *   <li>Claim and row go.
 * </ol>
 *
 * A failure in 3 or 4 of which it is known that the thing is whole puts the volume back to what it
 * was: only another Remove deletes it. If the deletion has begun, or whether it has is not known,
 * {@code Deleting} stays, with the reason as the volume's trouble; the next Remove or the next
 * start goes on from there, and {@link ForceRelease} takes it back.
 */
@ApplicationScoped
public class RemoveVolume {
  private static final Logger LOG = Logger.getLogger(RemoveVolume.class);

  /**
   * Between a Mount's answer and the container's own mount lie up to 0.3 seconds in which nothing
   * shows its use.
   */
  private static final Duration MOUNT_TO_USE = Duration.ofSeconds(2);

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final UseCheck useCheck;
  private final Pins pins;
  private final Flushes flushes;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Clock clock;

  public RemoveVolume(
      Records records,
      LocalView view,
      Backends backends,
      UseCheck useCheck,
      Pins pins,
      Flushes flushes,
      EngineEpoch epoch,
      ThisHost host,
      Clock clock) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.useCheck = useCheck;
    this.pins = pins;
    this.flushes = flushes;
    this.epoch = epoch;
    this.host = host;
    this.clock = clock;
  }

  /** Removes the volume; absent: success. */
  void run(VolumeName name) {
    Optional<Volume> found = records.find(name);
    if (found.isEmpty()) {
      return;
    }
    pins.refusePinned(name);
    try {
      run(found.get());
    } catch (VolumeException.Invalid e) {
      throw backends
          .unreadable(found.get())
          .<VolumeException>map(
              why ->
                  new VolumeException.Refused(
                      "volume %s: what the ledger has of it cannot be read (%s), so nothing of it is deleted. 'berth release --force %s' takes it out of the ledger and leaves its data where it is"
                          .formatted(name, why, name),
                      e))
          .orElse(e);
    }
  }

  private void run(Volume volume) {
    switch (volume.state()) {
      case VolumeState.Creating creating -> discard(volume);
      case VolumeState.Ready ready -> finish(begin(volume, ready));
      case VolumeState.Deleting deleting -> resume(volume, deleting);
    }
  }

  private void discard(Volume volume) {
    backends.require(volume.backend()).deprovision(volume);
    Progress.reached(LifecycleStep.REMOVE_DEPROVISIONED);
    records.delete(volume);
    Progress.reached(LifecycleStep.REMOVE_CONFIRMED);
  }

  private Volume begin(Volume volume, VolumeState.Ready ready) {
    var _ = onRemove(volume);
    useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
    flushes.refuseRunning(volume.name());
    refuseFreshlyMounted(volume.name());
    refuseForeign(volume, ready);
    Volume deleting = records.replace(volume, new VolumeState.Deleting(ready, clock.instant(), 0));
    Progress.reached(LifecycleStep.REMOVE_INTENT_WRITTEN);
    return deleting;
  }

  /** Takes up a removal that an earlier call or an earlier run of Berth did not finish. */
  void resume(Volume volume, VolumeState.Deleting deleting) {
    finish(records.replace(volume, deleting.again()));
  }

  /** From {@link VolumeState.Deleting} to nothing, or back. */
  private void finish(Volume volume) {
    VolumeBackend backend = backends.require(volume.backend());
    OnRemove onRemove = onRemove(volume);
    try {
      // Once more: another host may have mounted it before it could read that it is being removed.
      refuseForeign(volume, volume.made());
      letGo(volume, backend, onRemove);
    } catch (VolumeException e) {
      view.observe(volume.name(), backend::observe);
      throw failed(volume, e, isWhole(volume));
    }
    view.update(volume.name(), status -> status.with(new Observed.Detached()));
    Progress.reached(LifecycleStep.REMOVE_UNMOUNTED);
    try {
      dispose(volume, backend, onRemove);
    } catch (VolumeException e) {
      boolean undecided =
          e instanceof VolumeException.UnknownOutcome || e instanceof VolumeException.InProgress;
      throw failed(volume, e, !undecided && isWhole(volume));
    }
    Progress.reached(LifecycleStep.REMOVE_DEPROVISIONED);
    records.claim(volume.name()).ifPresent(records::dropClaim);
    Progress.reached(LifecycleStep.REMOVE_CLAIM_DROPPED);
    records.delete(volume);
    Progress.reached(LifecycleStep.REMOVE_CONFIRMED);
    LOG.infof("volume %s removed", volume.name());
  }

  /** {@link VolumeException.Invalid} if that cannot be read. */
  private static OnRemove onRemove(Volume volume) {
    return volume.options().find(CommonOptions.ON_REMOVE).orElse(OnRemove.DELETE);
  }

  /** Nothing of its data is deleted here. */
  private void letGo(Volume volume, VolumeBackend backend, OnRemove onRemove) {
    useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
    backend.unmount(volume);
    if (onRemove != OnRemove.DELETE && backend instanceof WriteBack writeBack) {
      writeBack.requireWrittenBack(volume);
    }
  }

  private void dispose(Volume volume, VolumeBackend backend, OnRemove onRemove) {
    switch (onRemove) {
      case DELETE -> backend.deprovision(volume);
      case RETAIN -> {
        LOG.infof("volume %s removed; its data stays in %s", volume.name(), volume.made().ref());
        if (backend instanceof Retaining retaining) {
          retaining.giveUp(volume);
        }
      }
      case SNAPSHOT -> {
        keepSnapshot(volume, backend);
        backend.deprovision(volume);
      }
    }
  }

  /**
   * Whether the volume's thing is untouched after a failure that itself deleted nothing. An earlier
   * try may have: then the backend has to know.
   */
  private boolean isWhole(Volume volume) {
    boolean first = volume.state() instanceof VolumeState.Deleting now && now.resumed() == 0;
    return first || onRemove(volume) == OnRemove.RETAIN || exists(volume);
  }

  private boolean exists(Volume volume) {
    try {
      return backends.require(volume.backend()) instanceof Existence known && known.exists(volume);
    } catch (VolumeException e) {
      LOG.debugf(e, "volume %s: whether it is still there is not known", volume.name());
      return false;
    }
  }

  /** What to throw; the volume is ready again if it is {@code whole}. */
  private VolumeException failed(Volume volume, VolumeException failure, boolean whole) {
    if (whole) {
      try {
        takeBack(volume);
        return failure;
      } catch (VolumeException e) {
        failure.addSuppressed(e);
        LOG.errorf(
            e,
            "volume %s: its removal was refused, and that cannot be written to the ledger; run 'berth release --force %s', or the next start of Berth removes the volume if it can",
            volume.name(),
            volume.name());
      }
    }
    VolumeException lasting = lasting(volume.name(), failure);
    view.update(
        volume.name(),
        status -> status.withTrouble(Optional.of(Trouble.of(lasting, clock.instant()))));
    return lasting;
  }

  private static VolumeException lasting(VolumeName name, VolumeException failure) {
    String message = failure.getMessage() + ". " + stillDeleting(name);
    return failure instanceof VolumeException.InProgress
        ? new VolumeException.InProgress(message, failure)
        : new VolumeException.UnknownOutcome(message, failure);
  }

  /** What can be done with a volume whose removal has begun and has not ended. */
  static String stillDeleting(VolumeName name) {
    return "The volume stays in the state deleting: 'docker volume rm %s' or the next start of Berth goes on with it; 'berth release --force %s' takes the removal back, if the volume is still there"
        .formatted(name, name);
  }

  /** For whoever wants to use a volume whose removal has begun. */
  static VolumeException.Conflict beingRemoved(VolumeName name) {
    return new VolumeException.Conflict(
        "volume %s is being removed; run 'docker volume rm %s' again until it succeeds, or 'berth release --force %s' to take the removal back, if the volume is still there"
            .formatted(name, name, name));
  }

  /**
   * An operator's word that the volume is not to be removed after all: it is as it was before.
   * {@link VolumeException.Conflict} if the backend knows that there is nothing left to keep.
   */
  Volume takeBackByForce(Volume deleting) {
    if (backends.require(deleting.backend()) instanceof Existence known
        && !known.exists(deleting)) {
      throw new VolumeException.Conflict(
          "volume %s: its removal cannot be taken back, what it was (%s) is deleted; 'docker volume rm %s' ends the removal"
              .formatted(deleting.name(), deleting.made().ref(), deleting.name()));
    }
    Volume ready = takeBack(deleting);
    LOG.warnf("volume %s: an operator took its removal back", deleting.name());
    if (!(backends.require(deleting.backend()) instanceof Existence)) {
      VolumeException partly =
          new VolumeException.Failed(
              "volume %s: its removal had begun when it was taken back; a part of its data in %s may be deleted"
                  .formatted(deleting.name(), deleting.made().ref()));
      view.update(
          deleting.name(),
          status -> status.withTrouble(Optional.of(Trouble.of(partly, clock.instant()))));
    }
    return ready;
  }

  private Volume takeBack(Volume deleting) {
    Volume ready = records.replace(deleting, deleting.made());
    view.update(ready.name(), status -> status.withTrouble(Optional.empty()));
    Progress.reached(LifecycleStep.REMOVE_TAKEN_BACK);
    return ready;
  }

  private static void keepSnapshot(Volume volume, VolumeBackend backend) {
    boolean empty =
        volume.made().content() instanceof Content.Blank
            || volume.made().content() instanceof Content.Formatting;
    if (empty) {
      return;
    }
    if (!(backend instanceof SnapshotStore store)) {
      throw new VolumeException.Invalid(
          "volume %s: the backend %s has no snapshots".formatted(volume.name(), volume.backend()));
    }
    LOG.infof("volume %s is kept as %s", volume.name(), store.takeLastSnapshot(volume).id());
  }

  private void refuseFreshlyMounted(VolumeName name) {
    Optional<Claim> fresh =
        records
            .claim(name)
            .filter(claim -> claim.liveIds(host.bootId(), epoch.current()) > 0)
            .filter(
                claim ->
                    new Span(claim.touched(), MOUNT_TO_USE).endAfter(clock.instant()).isPresent());
    if (fresh.isPresent()) {
      throw new VolumeException.InUse(
          "volume %s has just been mounted on host %s; stop its container first"
              .formatted(name, host.id()));
    }
  }

  private void refuseForeign(Volume volume, VolumeState.Ready ready) {
    String holders =
        records.foreignClaims(volume.name()).stream()
            .map(claim -> claim.host().value())
            .collect(Collectors.joining(", "));
    Optional<HostId> owner = ready.owner().filter(other -> !other.equals(host.id()));
    if (!holders.isEmpty() || owner.isPresent()) {
      throw new VolumeException.InUse(
          "volume %s is held by host %s; stop its containers there, or, if that host is gone for good, run 'berth release --force %s'"
              .formatted(volume.name(), owner.map(HostId::value).orElse(holders), volume.name()));
    }
  }
}
