package dev.berth.ledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.VolumeLedger;
import dev.berth.ledger.VolumeLedgerContract;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLedgerTest extends VolumeLedgerContract {
  @TempDir Path directory;
  private SqliteLedger ledger;

  @BeforeEach
  void open() {
    ledger = new SqliteLedger(directory.resolve("ledger.db"));
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  @Override
  protected VolumeLedger ledger() {
    return ledger;
  }

  @Test
  void rowsAreThereAfterOpeningAgain() {
    Volume stored = ledger.volumes().insert(volume("a"));
    ledger.close();
    open();
    assertThat(ledger.volumes().list()).containsExactly(stored);
  }

  @Test
  void aDamagedFileIsRefusedAndNotTouched() throws IOException {
    Path damaged = directory.resolve("damaged.db");
    Files.writeString(
        damaged, "this is no database, and somebody may want to look at it\n".repeat(100));
    byte[] before = Files.readAllBytes(damaged);
    assertThatThrownBy(() -> new SqliteLedger(damaged))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining(damaged.toString());
    assertThat(Files.readAllBytes(damaged)).isEqualTo(before);
  }

  @Test
  void aFileOfANewerBerthIsRefused() throws SQLException {
    Path newer = directory.resolve("newer.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + newer);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = " + (SqliteDatabase.SCHEMA_VERSION + 1));
    }
    assertThatThrownBy(() -> new SqliteLedger(newer))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("newer Berth");
  }
}
