package dev.berth.backend.s3;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;

/**
 * Asks the store of a mounted volume as its client does, with the keys that the client has: they
 * are others than Berth's when the operator has replaced them. A client that reads its keys once is
 * then given the new ones; one that asks for them does so within the hour by itself, and is given
 * them if the store refuses the old ones before.
 */
final class KeysWatch {
  private final ClientPlans plans;
  private final Preflight preflight;

  KeysWatch(ClientPlans plans, Preflight preflight) {
    this.plans = plans;
    this.preflight = preflight;
  }

  /**
   * What was found.
   *
   * @param trouble why the client's requests fail; empty if they do not
   * @param follow whether the client has to be given the keys that there are now, which work
   * @param refused why the client stays with the old keys, which work: the new ones do not
   */
  record Finding(Optional<String> trouble, boolean follow, Optional<String> refused) {
    static Finding of(Optional<String> trouble) {
      return new Finding(trouble, false, Optional.empty());
    }
  }

  /**
   * One request if no keys were replaced, else up to three; each ends within 8 seconds.
   *
   * @param held the client's keys; empty if they are not known
   */
  Finding look(Volume volume, Optional<HeldKeys> held) {
    S3Target target = S3Target.of(volume);
    boolean asks = FuseClients.of(volume.options()).asksForKeys();
    return held.filter(keys -> areReplaced(volume, keys))
        .map(old -> replaced(target, old, asks))
        .orElseGet(() -> Finding.of(now(target)));
  }

  /** If there are none at all, that is the store's trouble. */
  private boolean areReplaced(Volume volume, HeldKeys held) {
    try {
      return !held.are(plans.current(volume));
    } catch (VolumeException e) {
      return false;
    }
  }

  private Finding replaced(S3Target target, HeldKeys old, boolean asks) {
    Optional<String> trouble = with(old, target);
    boolean works = trouble.isEmpty();
    if (works && (asks || !old.lasting())) {
      return Finding.of(trouble);
    }
    Optional<String> refused = now(target);
    if (refused.isPresent()) {
      return works
          ? new Finding(trouble, false, refused)
          : Finding.of(old.keys().isPresent() ? trouble : refused);
    }
    // Once more: the store may have been away for a moment only.
    boolean follow = works || with(old, target).isPresent();
    return new Finding(trouble, follow, Optional.empty());
  }

  private Optional<String> now(S3Target target) {
    return preflight.trouble(target, Optional.empty());
  }

  private Optional<String> with(HeldKeys old, S3Target target) {
    return old.keys().isPresent()
        ? preflight.trouble(target, old.keys())
        : Optional.of(
            "volume %s: its credentials were replaced while Berth was not running"
                .formatted(target.volume()));
  }
}
