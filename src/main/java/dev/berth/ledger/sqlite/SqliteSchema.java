package dev.berth.ledger.sqlite;

import dev.berth.ledger.RecordCodec;
import dev.berth.volume.Volume;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables of the ledger's file, and the way there from those of an earlier Berth. */
final class SqliteSchema {
  /**
   * 1: volumes and claims. 2: the device of a volume beside it, so that no two volumes have the
   * same.
   */
  static final int VERSION = 2;

  private static final List<String> FIRST =
      List.of(
          """
          CREATE TABLE volumes (
            name TEXT PRIMARY KEY, revision INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID
          """,
          """
          CREATE TABLE claims (
            volume TEXT NOT NULL, host TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (volume, host)) WITHOUT ROWID
          """,
          "CREATE TABLE probes (at INTEGER PRIMARY KEY)");
  private static final List<String> SECOND =
      List.of(
          "ALTER TABLE volumes ADD COLUMN device TEXT",
          "CREATE UNIQUE INDEX volumes_device ON volumes (device)");

  private SqliteSchema() {}

  /** Makes what is missing, all of it or nothing. */
  static void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int version = version(statement);
      if (version == VERSION) {
        return;
      }
      connection.setAutoCommit(false);
      if (version == 0) {
        run(statement, FIRST);
      }
      run(statement, SECOND);
      fillDevices(connection, statement);
      statement.executeUpdate("PRAGMA user_version = " + VERSION);
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  private static void run(Statement statement, List<String> changes) throws SQLException {
    for (String change : changes) {
      statement.executeUpdate(change);
    }
  }

  /** Of two volumes that an earlier Berth let have one device, only the first is known by it. */
  private static void fillDevices(Connection connection, Statement statement) throws SQLException {
    List<Volume> volumes = new ArrayList<>();
    try (ResultSet found = statement.executeQuery("SELECT body FROM volumes ORDER BY name")) {
      while (found.next()) {
        volumes.add(RecordCodec.read(found.getString(1), Volume.class));
      }
    }
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE OR IGNORE volumes SET device = ? WHERE name = ?")) {
      for (Volume volume : volumes) {
        Optional<String> device = volume.device();
        if (device.isPresent()) {
          update.setString(1, device.get());
          update.setString(2, volume.name().value());
          update.executeUpdate();
        }
      }
    }
  }

  static int version(Statement statement) throws SQLException {
    return Integer.parseInt(text(statement, "PRAGMA user_version"));
  }

  static String text(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    }
  }
}
