package dev.berth.ledger;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;

/** The record of which volumes there are, which host owns them and who has them mounted. */
public interface VolumeLedger {
  /**
   * By name. No two of them are one {@link Volume#device()}: a write that would make them so is
   * {@link #taken} and changes nothing.
   */
  LedgerTable<VolumeName, Volume> volumes();

  /** Why {@code volume} cannot be written: {@code holder} is its device. */
  static VolumeException.InUse taken(Volume volume, VolumeName holder) {
    return new VolumeException.InUse(
        "volume %s: %s is the volume %s already; one can have one name only, so use that"
            .formatted(volume.name(), volume.made().ref(), holder));
  }

  ClaimTable claims();

  /** Whether other hosts read and write the same ledger. */
  boolean shared();

  /**
   * Writes and reads back something that is no volume and no claim; throws as a write does if that
   * fails.
   */
  void checkWritable();
}
