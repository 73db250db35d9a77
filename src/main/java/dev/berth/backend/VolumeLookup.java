package dev.berth.backend;

import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How a backend comes to other volumes than the one at hand. */
public interface VolumeLookup {
  /** All volumes, as the ledger has them now. */
  List<Volume> all();

  /** The volume whose thing {@code ref} is, if the ledger has one. */
  default Optional<VolumeName> holder(BackendName backend, BackendRef ref) {
    return all().stream()
        .filter(volume -> volume.backend().equals(backend))
        .filter(volume -> !(volume.state() instanceof VolumeState.Creating))
        .filter(volume -> volume.made().ref().equals(ref))
        .map(Volume::name)
        .findFirst();
  }

  /** The volume as the ledger has it now; {@link VolumeException.NotFound} if there is none. */
  Volume require(VolumeName name);

  /**
   * Runs {@code work} on that volume while nobody else can mount, unmount or remove it; if it is
   * mounted it stays so and stays usable. {@link VolumeException.NotFound} if there is none, {@link
   * VolumeException.Busy} if something else is being done with it.
   */
  <T> T using(VolumeName name, Function<Volume, T> work);
}
