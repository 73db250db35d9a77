package dev.berth.testing;

import dev.berth.ledger.VolumeLedger;
import dev.berth.ledger.VolumeLedgerContract;

class InMemoryLedgerTest extends VolumeLedgerContract {
  private final InMemoryLedger ledger = InMemoryLedger.ofOneHost();

  @Override
  protected VolumeLedger ledger() {
    return ledger;
  }
}
