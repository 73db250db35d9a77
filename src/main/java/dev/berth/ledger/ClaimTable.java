package dev.berth.ledger;

import dev.berth.volume.Claim;
import dev.berth.volume.VolumeName;
import java.util.List;

/** The claims of all hosts. */
public interface ClaimTable extends LedgerTable<ClaimKey, Claim> {
  /** The claims on one volume. */
  List<Claim> of(VolumeName volume);
}
