package dev.berth.ledger;

import dev.berth.volume.Claim;
import dev.berth.volume.HostId;
import dev.berth.volume.VolumeName;

/**
 * What a claim is kept under: each host writes a row of its own, so hosts that share a volume do
 * not contend.
 */
public record ClaimKey(VolumeName volume, HostId host) {
  public static ClaimKey of(Claim claim) {
    return new ClaimKey(claim.volume(), claim.host());
  }
}
