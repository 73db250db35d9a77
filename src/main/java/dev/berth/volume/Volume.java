package dev.berth.volume;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A volume as the ledger holds it.
 *
 * @param options all of them, defaults filled in when it was created, so that a later change of a
 *     default does not change the volume
 * @param revision grows by one with every change; it starts at a random number, so that a record of
 *     a deleted namesake never passes for this one
 */
public record Volume(
    VolumeName name,
    VolumeId id,
    BackendName backend,
    VolumeOptions options,
    Instant createdAt,
    VolumeState state,
    long revision) {

  /** A volume that is about to be made. */
  public static Volume creating(
      VolumeName name, BackendName backend, VolumeOptions options, HostId by, Instant now) {
    long revision = ThreadLocalRandom.current().nextLong(1L << 40);
    return new Volume(
        name,
        VolumeId.random(),
        backend,
        options,
        now,
        new VolumeState.Creating(by, now, 0),
        revision);
  }

  public Volume with(VolumeState next) {
    return new Volume(name, id, backend, options, createdAt, next, revision);
  }

  public Volume with(VolumeOptions next) {
    return new Volume(name, id, backend, next, createdAt, state, revision);
  }

  public Volume withRevision(long next) {
    return new Volume(name, id, backend, options, createdAt, state, next);
  }

  /**
   * Its reference and content; a volume that is still being created has none and is an {@link
   * IllegalStateException}.
   */
  public VolumeState.Ready made() {
    return switch (state) {
      case VolumeState.Ready ready -> ready;
      case VolumeState.Deleting deleting -> deleting.was();
      case VolumeState.Creating creating ->
          throw new IllegalStateException("volume " + name + " has not been made yet");
    };
  }

  /**
   * The device it is, with the name of its backend, from when it is made until it is removed. Two
   * volumes never are the same one; empty if there is none and its thing may be shared.
   */
  public Optional<String> device() {
    if (state instanceof VolumeState.Creating || made().content() instanceof Content.Unmanaged) {
      return Optional.empty();
    }
    return Optional.of(backend + " " + made().ref());
  }

  /**
   * What tells this removal of it from one that was begun earlier and taken back; while it is not
   * being removed, its own id.
   */
  public VolumeId removal() {
    return state instanceof VolumeState.Deleting deleting
        ? id.derived(deleting.since().toString())
        : id;
  }
}
