package dev.berth.ledger.sqlite;

import dev.berth.volume.VolumeException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The one connection to the file, and the one thread that uses it: a commit waits for the disk
 * inside native code, which would hold the carrier of every virtual thread that did it itself.
 */
final class SqliteDatabase implements AutoCloseable {
  static final int SCHEMA_VERSION = 1;

  private static final List<String> SCHEMA =
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

  private final Path file;
  private final Connection connection;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("ledger").factory());

  /** Work on the connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Opens or makes the file. One that is damaged, is no database or was written by a newer Berth is
   * {@link VolumeException.Refused}, and stays as it is.
   */
  SqliteDatabase(Path file) {
    this.file = file;
    SqliteLibrary.prefer();
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(5_000);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      connection = source.getConnection();
      try {
        prepare(connection);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new VolumeException.Refused(
          "the ledger %s cannot be used and was left as it is: %s. Put a good copy in its place; volumes are not touched"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private void prepare(Connection open) throws SQLException {
    try (Statement statement = open.createStatement()) {
      String health = text(statement, "PRAGMA quick_check(1)");
      if (!health.equals("ok")) {
        throw new SQLException("it is damaged (" + health + ")");
      }
      int version = Integer.parseInt(text(statement, "PRAGMA user_version"));
      if (version > SCHEMA_VERSION) {
        throw new SQLException(
            "a newer Berth wrote it (schema %d, this one knows %d)"
                .formatted(version, SCHEMA_VERSION));
      }
      if (version == 0) {
        open.setAutoCommit(false);
        for (String table : SCHEMA) {
          statement.executeUpdate(table);
        }
        statement.executeUpdate("PRAGMA user_version = " + SCHEMA_VERSION);
        open.commit();
        open.setAutoCommit(true);
      }
    }
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /** Runs {@code work} on the ledger's thread, each statement a transaction of its own. */
  <T> T run(Work<T> work) {
    try {
      return thread.submit(() -> work.on(connection)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.UnknownOutcome(
          "interrupted while the ledger %s was written".formatted(file), e);
    } catch (ExecutionException e) {
      throw translated(e.getCause() == null ? e : e.getCause());
    }
  }

  private RuntimeException translated(Throwable cause) {
    return switch (cause) {
      case VolumeException known -> known;
      case SQLiteException e when e.getResultCode().code == SQLiteErrorCode.SQLITE_INTERRUPT.code ->
          new VolumeException.UnknownOutcome("the ledger %s was interrupted".formatted(file), e);
      case SQLException e ->
          new VolumeException.Failed(
              "the ledger %s cannot be read or written: %s. Check that its filesystem is writable and has space"
                  .formatted(file, e.getMessage()),
              e);
      default -> new CompletionException(cause);
    };
  }

  @Override
  public void close() {
    thread.close();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new VolumeException.Failed(
          "the ledger %s cannot be closed: %s".formatted(file, e.getMessage()), e);
    }
  }
}
