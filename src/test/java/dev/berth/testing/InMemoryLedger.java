package dev.berth.testing;

import dev.berth.ledger.ClaimKey;
import dev.berth.ledger.ClaimTable;
import dev.berth.ledger.LedgerTable;
import dev.berth.ledger.VolumeLedger;
import dev.berth.volume.Claim;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A ledger that lives as long as its object. Several threads, or several hosts of one test, may use
 * it at once. What it keeps is gone after a crash of the process, so tests of restarts hand the
 * same object to the next one.
 */
public final class InMemoryLedger implements VolumeLedger {
  private final Volumes volumes = new Volumes();
  private final Claims claims = new Claims();
  private final boolean shared;
  private final AtomicInteger writesLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile boolean readable = true;

  private InMemoryLedger(boolean shared) {
    this.shared = shared;
  }

  /** The ledger of one host. */
  public static InMemoryLedger ofOneHost() {
    return new InMemoryLedger(false);
  }

  /** After so many writes more its disk is full. */
  public void fullAfter(int writes) {
    writesLeft.set(writes);
  }

  /** Its disk has space again. */
  public void emptied() {
    writesLeft.set(Integer.MAX_VALUE);
  }

  /** From now on every read fails, or none does. */
  public void readable(boolean next) {
    readable = next;
  }

  private void requireReadable() {
    if (!readable) {
      throw new VolumeException.Failed("the ledger cannot be read: input/output error");
    }
  }

  private void takeSpace() {
    if (writesLeft.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      throw new VolumeException.Failed("the ledger cannot be written: its disk is full");
    }
  }

  /** One ledger for several hosts. */
  public static InMemoryLedger ofManyHosts() {
    return new InMemoryLedger(true);
  }

  @Override
  public LedgerTable<VolumeName, Volume> volumes() {
    return volumes;
  }

  @Override
  public ClaimTable claims() {
    return claims;
  }

  @Override
  public boolean shared() {
    return shared;
  }

  @Override
  public void checkWritable() {
    takeSpace();
  }

  private final class Volumes extends Table<VolumeName, Volume> {
    Volumes() {
      super(
          Volume::name,
          Comparator.naturalOrder(),
          Volume::revision,
          Volume::withRevision,
          "volume");
    }

    @Override
    void requirePossible(Volume row) {
      list().stream()
          .filter(other -> !other.name().equals(row.name()))
          .filter(other -> other.device().isPresent() && other.device().equals(row.device()))
          .findFirst()
          .ifPresent(
              other -> {
                throw VolumeLedger.taken(row, other.name());
              });
    }
  }

  private final class Claims extends Table<ClaimKey, Claim> implements ClaimTable {
    Claims() {
      super(
          ClaimKey::of,
          Comparator.comparing(ClaimKey::volume).thenComparing(key -> key.host().value()),
          Claim::revision,
          Claim::withRevision,
          "claim");
    }

    @Override
    public List<Claim> of(VolumeName volume) {
      return list().stream().filter(claim -> claim.volume().equals(volume)).toList();
    }
  }

  private class Table<K, R> implements LedgerTable<K, R> {
    private final Function<R, K> key;
    private final ToLongFunction<R> revision;
    private final WithRevision<R> withRevision;
    private final String kind;
    private final SortedMap<K, R> rows;

    Table(
        Function<R, K> key,
        Comparator<K> order,
        ToLongFunction<R> revision,
        WithRevision<R> withRevision,
        String kind) {
      this.key = key;
      this.revision = revision;
      this.withRevision = withRevision;
      this.kind = kind;
      rows = new TreeMap<>(order);
    }

    /** Refuses a row that must not be there beside the others. */
    void requirePossible(R row) {}

    @Override
    public synchronized Optional<R> find(K sought) {
      requireReadable();
      return Optional.ofNullable(rows.get(sought));
    }

    @Override
    public synchronized List<R> list() {
      requireReadable();
      return List.copyOf(rows.values());
    }

    @Override
    public synchronized R insert(R row) {
      takeSpace();
      requirePossible(row);
      if (rows.putIfAbsent(key.apply(row), row) != null) {
        throw new VolumeException.Conflict(
            "%s %s is in the ledger already".formatted(kind, key.apply(row)));
      }
      return row;
    }

    @Override
    public synchronized R replace(R expected, R next) {
      takeSpace();
      requireUnchanged(expected, find(key.apply(expected)));
      requirePossible(next);
      R stored = withRevision.apply(next, revision.applyAsLong(expected) + 1);
      rows.put(key.apply(expected), stored);
      return stored;
    }

    @Override
    public synchronized void delete(R expected) {
      takeSpace();
      Optional<R> present = find(key.apply(expected));
      if (present.isPresent()) {
        requireUnchanged(expected, present);
        rows.remove(key.apply(expected));
      }
    }

    private void requireUnchanged(R expected, Optional<R> present) {
      long seen = revision.applyAsLong(expected);
      if (present.filter(row -> revision.applyAsLong(row) == seen).isEmpty()) {
        throw new VolumeException.Conflict(
            "%s %s was changed by somebody else meanwhile; try again"
                .formatted(kind, key.apply(expected)));
      }
    }
  }

  private interface WithRevision<R> {
    R apply(R row, long revision);
  }
}
