package dev.berth.ledger.sqlite;

import dev.berth.ledger.ClaimKey;
import dev.berth.ledger.ClaimTable;
import dev.berth.ledger.LedgerTable;
import dev.berth.ledger.VolumeLedger;
import dev.berth.volume.Claim;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Optional;

/**
 * {@code berth.ledger=sqlite}: WAL with synchronous=FULL, so what was written is there after a
 * power loss.
 */
@ApplicationScoped
@Identifier("sqlite")
public class SqliteLedger implements VolumeLedger {
  private final SqliteDatabase database;
  private final LedgerTable<VolumeName, Volume> volumes;
  private final ClaimTable claims;

  @Inject
  SqliteLedger(SqliteConfig config) {
    this(config.root().resolve("ledger.db"));
  }

  /**
   * Opens {@code file}, or makes it; one that cannot be trusted is {@link VolumeException.Refused}
   * and not touched.
   */
  public SqliteLedger(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new VolumeException.Failed(
          "cannot make the directory of the ledger %s: %s".formatted(file, e.getMessage()), e);
    }
    database = new SqliteDatabase(file);
    volumes = new Volumes(database);
    claims = new Claims(database);
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
    return false;
  }

  @Override
  public void checkWritable() {
    database.write(
        connection -> {
          try (PreparedStatement write =
              connection.prepareStatement(
                  "INSERT INTO probes (at) VALUES (0) ON CONFLICT (at) DO UPDATE SET at = 0")) {
            return write.executeUpdate();
          }
        });
  }

  @PreDestroy
  void close() {
    database.close();
  }

  private static final class Volumes extends SqliteTable<VolumeName, Volume> {
    Volumes(SqliteDatabase database) {
      super(database, Volume.class, "volumes", List.of("name"));
    }

    @Override
    List<String> keyValues(Volume row) {
      return keyValuesOf(row.name());
    }

    @Override
    List<String> keyValuesOf(VolumeName key) {
      return List.of(key.value());
    }

    @Override
    long revision(Volume row) {
      return row.revision();
    }

    @Override
    Volume withRevision(Volume row, long revision) {
      return row.withRevision(revision);
    }

    @Override
    Optional<Unique> unique(Volume row) {
      return row.device().map(device -> new Unique("device", device));
    }

    @Override
    VolumeException taken(Volume row, Volume other) {
      return VolumeLedger.taken(row, other.name());
    }

    @Override
    String describe(Volume row) {
      return "volume " + row.name();
    }
  }

  private static final class Claims extends SqliteTable<ClaimKey, Claim> implements ClaimTable {
    Claims(SqliteDatabase database) {
      super(database, Claim.class, "claims", List.of("volume", "host"));
    }

    @Override
    public List<Claim> of(VolumeName volume) {
      return select(" WHERE volume = ?", List.of(volume.value()));
    }

    @Override
    List<String> keyValues(Claim row) {
      return keyValuesOf(ClaimKey.of(row));
    }

    @Override
    List<String> keyValuesOf(ClaimKey key) {
      return List.of(key.volume().value(), key.host().value());
    }

    @Override
    long revision(Claim row) {
      return row.revision();
    }

    @Override
    Claim withRevision(Claim row, long revision) {
      return row.withRevision(revision);
    }

    @Override
    String describe(Claim row) {
      return "the claim of host %s on volume %s".formatted(row.host(), row.volume());
    }
  }
}
