package dev.berth.lifecycle;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts engines: each sends Activate once in its life, so an id that came before the newest
 * Activate is from an engine that is dead. A hint, since a container may outlive its engine.
 */
@ApplicationScoped
public class EngineEpoch {
  private final AtomicLong current = new AtomicLong();

  long current() {
    return current.get();
  }

  /** A new engine has come. */
  void advance() {
    current.incrementAndGet();
  }

  /** After a restart: an id of epoch {@code seen} is in the ledger. */
  void atLeast(long seen) {
    current.accumulateAndGet(seen, Math::max);
  }
}
