package dev.berth.lifecycle;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The clock of the process, injected everywhere, so that tests can have their own. */
final class Clocks {
  private Clocks() {}

  @Produces
  @Singleton
  static Clock utc() {
    return Clock.systemUTC();
  }
}
