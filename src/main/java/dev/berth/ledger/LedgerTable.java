package dev.berth.ledger;

import dev.berth.volume.VolumeException;
import java.util.List;
import java.util.Optional;

/**
 * Rows of one kind, each under its key. Every write is conditional and durable when it returns. A
 * write whose outcome cannot be known (timeout, connection lost) is {@link
 * VolumeException.UnknownOutcome}; one that was certainly not made because the store refused it
 * (full, read-only, unreachable) is {@link VolumeException.Failed}. Each verb may block seconds.
 */
public interface LedgerTable<K, R> {
  Optional<R> find(K key);

  /** All rows, ordered by key. */
  List<R> list();

  /**
   * Adds a row. One of this key that is there already: {@link VolumeException.Conflict}, nothing
   * changed.
   */
  R insert(R row);

  /**
   * Puts {@code next} in the place of {@code expected}, which has the same key, and returns it with
   * its new revision. If the row is gone or has another revision than {@code expected}: {@link
   * VolumeException.Conflict}, nothing changed.
   */
  R replace(R expected, R next);

  /**
   * Removes a row. Absent: success. Another revision than {@code expected}: {@link
   * VolumeException.Conflict}.
   */
  void delete(R expected);
}
