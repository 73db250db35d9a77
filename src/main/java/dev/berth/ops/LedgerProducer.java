package dev.berth.ops;

import dev.berth.ledger.VolumeLedger;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The one ledger that {@code berth.ledger} names. */
final class LedgerProducer {
  private LedgerProducer() {}

  @Produces
  @Singleton
  static VolumeLedger ledger(OpsConfig config, @Any Instance<VolumeLedger> ledgers) {
    Instance<VolumeLedger> named = ledgers.select(Identifier.Literal.of(config.ledger()));
    if (named.isUnsatisfied()) {
      throw new IllegalArgumentException(
          "berth.ledger=%s: there is no such ledger".formatted(config.ledger()));
    }
    return named.get();
  }
}
