package dev.berth.lifecycle;

import dev.berth.backend.Observed;
import dev.berth.backend.Observed.Health;
import dev.berth.volume.Claim;
import dev.berth.volume.Volume;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that is known on this host of a volume, without asking anybody.
 *
 * @param claim this host's
 * @param observed what was there when it was last looked at
 * @param held why it could not be unmounted when that was last tried
 */
public record VolumeStatus(
    Volume volume,
    Optional<Claim> claim,
    Observed observed,
    Optional<Usage> usage,
    Optional<Trouble> trouble,
    Optional<String> held) {

  static VolumeStatus of(Volume volume) {
    return new VolumeStatus(
        volume,
        Optional.empty(),
        new Observed.Detached(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  VolumeStatus with(Volume next) {
    return new VolumeStatus(next, claim, observed, usage, trouble, held);
  }

  VolumeStatus withClaim(Optional<Claim> next) {
    return new VolumeStatus(volume, next, observed, usage, trouble, held);
  }

  VolumeStatus with(Observed next) {
    return new VolumeStatus(
        volume,
        claim,
        next,
        next instanceof Observed.Mounted ? usage : Optional.empty(),
        trouble,
        next instanceof Observed.Mounted ? held : Optional.empty());
  }

  VolumeStatus withUsage(Usage next) {
    return new VolumeStatus(volume, claim, observed, Optional.of(next), trouble, held);
  }

  VolumeStatus withTrouble(Optional<Trouble> next) {
    return new VolumeStatus(volume, claim, observed, usage, next, held);
  }

  VolumeStatus withHeld(String why) {
    return new VolumeStatus(volume, claim, observed, usage, trouble, Optional.of(why));
  }

  /** Who kept it mounted at the last attempt to release it, though Docker uses it no more. */
  public Optional<String> heldBy() {
    return held.filter(why -> claim.filter(ids -> !ids.mountIds().isEmpty()).isEmpty());
  }

  /**
   * What is wrong with the volume, if something is: with its filesystem, as long as that lasts, and
   * what went wrong last.
   */
  public Optional<String> lastError() {
    Optional<String> failed = trouble.map(Trouble::message);
    Optional<String> unwell = health().filter(why -> failed.filter(s -> s.contains(why)).isEmpty());
    return Stream.of(unwell, failed)
        .flatMap(Optional::stream)
        .reduce((one, other) -> one + "; before that: " + other);
  }

  private Optional<String> health() {
    return observed instanceof Observed.Mounted mounted
        ? switch (mounted.health()) {
          case Health.Sound _, Health.AtRisk _ -> Optional.empty();
          case Health.Doomed doomed ->
              Optional.of("volume %s: %s".formatted(volume.name(), doomed.why()));
          case Health.Failed failed ->
              Optional.of(
                  "volume %s cannot be used: %s. Stop everything that uses it, then start that again: it is checked and mounted anew"
                      .formatted(volume.name(), failed.why()));
        }
        : Optional.empty();
  }

  /** What may come to be wrong with it, for people. */
  public Optional<String> warning() {
    return observed instanceof Observed.Mounted mounted
            && mounted.health() instanceof Health.AtRisk risk
        ? Optional.of(risk.why())
        : Optional.empty();
  }

  public boolean mounted() {
    return observed instanceof Observed.Mounted;
  }
}
