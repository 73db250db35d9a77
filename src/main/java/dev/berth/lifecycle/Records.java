package dev.berth.lifecycle;

import dev.berth.backend.ContentJournal;
import dev.berth.ledger.ClaimKey;
import dev.berth.ledger.VolumeLedger;
import dev.berth.volume.Claim;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The ledger, with the {@link LocalView} kept in step: every write goes through here, first to the
 * one, then the other.
 */
@ApplicationScoped
public class Records implements ContentJournal {
  private final VolumeLedger ledger;
  private final LocalView view;
  private final ThisHost host;

  public Records(VolumeLedger ledger, LocalView view, ThisHost host) {
    this.ledger = ledger;
    this.view = view;
    this.host = host;
  }

  /** Fills the view from the ledger. */
  void load() {
    ledger
        .volumes()
        .list()
        .forEach(
            volume -> view.put(VolumeStatus.of(volume).withTrouble(Records.leftBehind(volume))));
    ledger.claims().list().stream()
        .filter(claim -> claim.host().equals(host.id()))
        .forEach(
            claim -> view.update(claim.volume(), status -> status.withClaim(Optional.of(claim))));
  }

  /** What is known of a removal that an earlier run of Berth did not finish. */
  private static Optional<Trouble> leftBehind(Volume volume) {
    return volume.state() instanceof VolumeState.Deleting deleting
        ? Optional.of(
            new Trouble(
                "volume %s: its removal, begun at %s, was not finished when Berth ended. %s"
                    .formatted(
                        volume.name(),
                        deleting.since().truncatedTo(ChronoUnit.SECONDS),
                        RemoveVolume.stillDeleting(volume.name())),
                deleting.since(),
                false))
        : Optional.empty();
  }

  /** All volumes, as the ledger has them now. */
  List<Volume> all() {
    return ledger.volumes().list();
  }

  Optional<Volume> find(VolumeName name) {
    return ledger.volumes().find(name);
  }

  /** The volume as the ledger has it now; {@link VolumeException.NotFound} if it has none. */
  Volume require(VolumeName name) {
    return find(name).orElseThrow(() -> notFound(name));
  }

  static VolumeException.NotFound notFound(VolumeName name) {
    return new VolumeException.NotFound("no such volume: " + name);
  }

  Volume insert(Volume volume) {
    Volume stored = ledger.volumes().insert(volume);
    view.put(VolumeStatus.of(stored));
    return stored;
  }

  Volume replace(Volume expected, VolumeState next) {
    return replace(expected, expected.with(next));
  }

  Volume replace(Volume expected, VolumeOptions next) {
    return replace(expected, expected.with(next));
  }

  private Volume replace(Volume expected, Volume next) {
    Volume stored = ledger.volumes().replace(expected, next);
    view.update(stored.name(), status -> status.with(stored));
    return stored;
  }

  void delete(Volume volume) {
    ledger.volumes().delete(volume);
    view.remove(volume.name());
  }

  @Override
  public Volume record(Volume current, Content next) {
    if (!(current.state() instanceof VolumeState.Ready ready)) {
      throw new VolumeException.Conflict(
          "volume %s is %s".formatted(current.name(), current.state().word()));
    }
    return replace(current, ready.withContent(next));
  }

  /** Sets or clears the owner of an exclusive volume. */
  Volume own(Volume volume, Optional<HostId> owner) {
    return replace(volume, volume.made().withOwner(owner));
  }

  /** This host's claim. */
  Optional<Claim> claim(VolumeName name) {
    return ledger.claims().find(new ClaimKey(name, host.id()));
  }

  /** The claims of all hosts but this one. */
  List<Claim> foreignClaims(VolumeName name) {
    return ledger.claims().of(name).stream()
        .filter(claim -> !claim.host().equals(host.id()))
        .toList();
  }

  Claim putClaim(Optional<Claim> expected, Claim next) {
    Claim stored =
        expected
            .map(present -> ledger.claims().replace(present, next))
            .orElseGet(() -> ledger.claims().insert(next));
    view.update(stored.volume(), status -> status.withClaim(Optional.of(stored)));
    return stored;
  }

  void dropClaim(Claim claim) {
    ledger.claims().delete(claim);
    view.update(claim.volume(), status -> status.withClaim(Optional.empty()));
  }
}
