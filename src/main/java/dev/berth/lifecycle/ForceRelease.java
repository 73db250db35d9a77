package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed;
import dev.berth.backend.WriteBack;
import dev.berth.lifecycle.ReleaseVolume.Outcome;
import dev.berth.volume.Claim;
import dev.berth.volume.HostId;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** An operator's word that a volume is to be let go of. The lock is held. */
@ApplicationScoped
public class ForceRelease {
  private static final Logger LOG = Logger.getLogger(ForceRelease.class);
  private final Records records;
  private final Backends backends;
  private final ReleaseVolume release;
  private final RemoveVolume remove;
  private final UseCheck useCheck;
  private final Flushes flushes;
  private final ThisHost host;
  private final Clock clock;

  public ForceRelease(
      Records records,
      Backends backends,
      ReleaseVolume release,
      RemoveVolume remove,
      UseCheck useCheck,
      Flushes flushes,
      ThisHost host,
      Clock clock) {
    this.records = records;
    this.backends = backends;
    this.release = release;
    this.remove = remove;
    this.useCheck = useCheck;
    this.flushes = flushes;
    this.host = host;
    this.clock = clock;
  }

  /**
   * Releases the volume from this host now, linger or not. Used here, by ground truth: {@link
   * VolumeException.InUse}, force or not; being flushed: {@link VolumeException.Busy}. With {@code
   * force} its mount ids do not count, and it is taken away from all other hosts: the operator
   * vouches that they are gone. One of which the ledger's record cannot be read is taken out of the
   * ledger with {@code force}: nobody could mount or remove it. One whose removal has not ended is
   * ready again with {@code force}, if it is still there. Nothing of its data is deleted but, with
   * {@code discard}, what was written on this host and has not come to where the volume's data
   * lives.
   *
   * @param discard only with {@code force}, else {@link VolumeException.Invalid}
   * @return how many files were discarded
   */
  int run(VolumeName name, boolean force, boolean discard) {
    if (discard && !force) {
      throw new VolumeException.Invalid(
          "volume %s: --discard deletes data; it is taken only together with --force"
              .formatted(name));
    }
    Volume volume = records.require(name);
    Optional<String> unreadable = force ? backends.unreadable(volume) : Optional.empty();
    if (unreadable.isPresent()) {
      forget(volume, unreadable.get());
      return 0;
    }
    return switch (volume.state()) {
      case VolumeState.Ready ready -> release(volume, ready, force, discard);
      case VolumeState.Creating creating ->
          throw new VolumeException.Conflict("volume %s is %s".formatted(name, creating.word()));
      case VolumeState.Deleting _ -> {
        if (!force) {
          throw RemoveVolume.beingRemoved(name);
        }
        Volume ready = remove.takeBackByForce(volume);
        yield discard ? discard(ready) : 0;
      }
    };
  }

  private int release(Volume volume, VolumeState.Ready ready, boolean force, boolean discard) {
    VolumeName name = volume.name();
    useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
    flushes.refuseRunning(name);
    Optional<HostId> other = ready.owner().filter(owner -> !owner.equals(host.id()));
    if (other.isPresent() && !force) {
      throw new VolumeException.InUse(
          "volume %s is held by host %s; if that host is gone for good, use --force"
              .formatted(name, other.get()));
    }
    if (force) {
      records
          .claim(name)
          .ifPresent(
              claim -> records.putClaim(Optional.of(claim), claim.withoutIds(clock.instant())));
      Progress.reached(LifecycleStep.RELEASE_IDS_DROPPED);
    }
    int discarded = discard ? discard(volume) : 0;
    releaseHere(name, force);
    if (force) {
      takeAway(volume, other);
    }
    return discarded;
  }

  private int discard(Volume volume) {
    if (!(backends.require(volume.backend()) instanceof WriteBack writeBack)) {
      return 0;
    }
    useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
    int lost = writeBack.discardUnwritten(volume);
    LOG.warnf(
        "volume %s: an operator gave up %d files that were on host %s only",
        volume.name(), lost, host.id());
    return lost;
  }

  private void forget(Volume volume, String why) {
    if (backends.has(volume.backend())) {
      refuseAttached(volume, why);
    }
    records.foreignClaims(volume.name()).forEach(records::dropClaim);
    records.claim(volume.name()).ifPresent(records::dropClaim);
    records.delete(volume);
    LOG.warnf(
        "volume %s: what the ledger had of it could not be read (%s); an operator took it out of the ledger, and what there is of its data stays: %s, %s",
        volume.name(),
        why,
        volume.device().orElse("nothing is known to be made"),
        volume.options());
  }

  private void refuseAttached(Volume volume, String why) {
    useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
    if (!(backends.require(volume.backend()).observe(volume) instanceof Observed.Detached)) {
      throw new VolumeException.InUse(
          "volume %s: what the ledger has of it cannot be read (%s), and it is still attached or mounted on host %s; unmount and detach it by hand first"
              .formatted(volume.name(), why, host.id()));
    }
  }

  private void releaseHere(VolumeName name, boolean force) {
    switch (release.releaseNow(name)) {
      case Outcome.Released released -> {}
      case Outcome.Lingering lingering ->
          throw new IllegalStateException("a release at once does not linger");
      case Outcome.Held held ->
          throw new VolumeException.InUse(
              "volume %s is held on host %s: %s%s"
                  .formatted(name, host.id(), held.why(), force ? "" : advice(name)));
    }
  }

  private String advice(VolumeName name) {
    String others =
        records.foreignClaims(name).stream()
            .map(claim -> claim.host().value())
            .collect(Collectors.joining(", "));
    return "; --force releases it if nothing here has it mounted"
        + (others.isEmpty()
            ? ""
            : ", and takes it from %s, which must be gone for good".formatted(others));
  }

  /** From hosts that are gone; a change of this host's id leaves such ones, too. */
  private void takeAway(Volume volume, Optional<HostId> owner) {
    for (Claim claim : records.foreignClaims(volume.name())) {
      records.dropClaim(claim);
      Progress.reached(LifecycleStep.RELEASE_FOREIGN_CLAIM_DROPPED);
      LOG.warnf(
          "volume %s: host %s claims it no more, says an operator", claim.volume(), claim.host());
    }
    if (owner.isPresent()) {
      records.own(volume, Optional.empty());
      Progress.reached(LifecycleStep.RELEASE_FOREIGN_OWNER_DROPPED);
      LOG.warnf("volume %s: taken away from host %s by an operator", volume.name(), owner.get());
    }
  }
}
