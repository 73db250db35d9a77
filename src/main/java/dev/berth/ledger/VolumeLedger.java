package dev.berth.ledger;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;

/** The record of which volumes there are, which host owns them and who has them mounted. */
public interface VolumeLedger {
  LedgerTable<VolumeName, Volume> volumes();

  ClaimTable claims();

  /** Whether other hosts read and write the same ledger. */
  boolean shared();

  /**
   * Writes and reads back something that is no volume and no claim; throws as a write does if that
   * fails.
   */
  void checkWritable();
}
