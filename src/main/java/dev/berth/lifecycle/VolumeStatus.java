package dev.berth.lifecycle;

import dev.berth.backend.Observed;
import dev.berth.volume.Claim;
import dev.berth.volume.Volume;
import java.util.Optional;

/**
 * All that is known on this host of a volume, without asking anybody.
 *
 * @param claim this host's
 * @param observed what was there when it was last looked at
 */
public record VolumeStatus(
    Volume volume,
    Optional<Claim> claim,
    Observed observed,
    Optional<Usage> usage,
    Optional<Trouble> trouble) {

  static VolumeStatus of(Volume volume) {
    return new VolumeStatus(
        volume, Optional.empty(), new Observed.Detached(), Optional.empty(), Optional.empty());
  }

  VolumeStatus with(Volume next) {
    return new VolumeStatus(next, claim, observed, usage, trouble);
  }

  VolumeStatus withClaim(Optional<Claim> next) {
    return new VolumeStatus(volume, next, observed, usage, trouble);
  }

  VolumeStatus with(Observed next) {
    return new VolumeStatus(
        volume, claim, next, next instanceof Observed.Mounted ? usage : Optional.empty(), trouble);
  }

  VolumeStatus withUsage(Usage next) {
    return new VolumeStatus(volume, claim, observed, Optional.of(next), trouble);
  }

  VolumeStatus withTrouble(Optional<Trouble> next) {
    return new VolumeStatus(volume, claim, observed, usage, next);
  }

  public boolean mounted() {
    return observed instanceof Observed.Mounted;
  }
}
