package dev.berth.ledger.sqlite;

import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Opens, makes and copies the ledger's file. */
final class SqliteFiles {
  /** More than the 1,000 pages of 4 KiB after which SQLite begins its log anew. */
  private static final int LOG_ROOM = 5 << 20;

  private static final int BUSY_MILLIS = 5_000;
  private static final Set<SQLiteErrorCode> NO_LEDGER =
      Set.of(SQLiteErrorCode.SQLITE_CORRUPT, SQLiteErrorCode.SQLITE_NOTADB);

  private SqliteFiles() {}

  /** A damaged file is not good for work. */
  private static final class Unfit extends SQLException {
    private static final long serialVersionUID = 1L;

    private Unfit(String message) {
      super(message);
    }
  }

  /**
   * Opens or makes {@code file}. It is looked at read-only first, so that one that cannot be used
   * stays as it is: closing a connection that may write would bring its log into it.
   */
  static Connection open(Path file) {
    try {
      if (Files.exists(file)) {
        look(file);
      }
      SQLiteConfig working = new SQLiteConfig();
      working.setJournalMode(SQLiteConfig.JournalMode.WAL);
      working.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      working.setBusyTimeout(BUSY_MILLIS);
      return prepared(connect(file, working));
    } catch (SQLException e) {
      throw cannotOpen(file, e);
    }
  }

  /** Reading makes an index of the log, and a log; those that were not there go again. */
  private static void look(Path file) throws SQLException {
    List<Path> made =
        Stream.of("-wal", "-shm")
            .map(end -> file.resolveSibling(file.getFileName() + end))
            .filter(Files::notExists)
            .toList();
    SQLiteConfig looking = new SQLiteConfig();
    looking.setReadOnly(true);
    looking.setBusyTimeout(BUSY_MILLIS);
    try (Connection connection = connect(file, looking)) {
      refuseUnfit(connection);
    } finally {
      for (Path companion : made) {
        delete(companion);
      }
    }
  }

  private static void delete(Path companion) throws SQLException {
    try {
      Files.deleteIfExists(companion);
    } catch (IOException e) {
      throw new SQLException("cannot delete " + companion, e);
    }
  }

  private static Connection connect(Path file, SQLiteConfig config) throws SQLException {
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source.getConnection();
  }

  private static void refuseUnfit(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String health = SqliteSchema.text(statement, "PRAGMA quick_check(1)");
      if (!health.equals("ok")) {
        throw new Unfit("it is damaged (" + health.replaceAll("\\s+", " ") + ")");
      }
      int version = SqliteSchema.version(statement);
      if (version > SqliteSchema.VERSION) {
        throw new Unfit(
            "a newer Berth wrote it (schema %d, this one knows %d)"
                .formatted(version, SqliteSchema.VERSION));
      }
    }
  }

  private static Connection prepared(Connection connection) throws SQLException {
    try {
      SqliteSchema.prepare(connection);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static VolumeException cannotOpen(Path file, SQLException e) {
    boolean unfit =
        e instanceof Unfit
            || (e instanceof SQLiteException sqlite && NO_LEDGER.contains(sqlite.getResultCode()));
    return unfit
        ? new VolumeException.Refused(
            "the ledger %s cannot be used and was left as it is: %s. Put a good copy in its place; volumes are not touched"
                .formatted(file, e.getMessage()),
            e)
        : failed(file, e);
  }

  /** What the file could not be read or written for, and what to look at. */
  static VolumeException.Failed failed(Path file, SQLException e) {
    boolean busy =
        e instanceof SQLiteException sqlite
            && sqlite.getResultCode().code == SQLiteErrorCode.SQLITE_BUSY.code;
    return new VolumeException.Failed(
        "the ledger %s cannot be read or written: %s. %s"
            .formatted(
                file,
                e.getMessage(),
                busy
                    ? "Another program has it open: let that finish, then try again"
                    : "Check that its filesystem is writable and has space, then try again"),
        e);
  }

  /** Brings the write-ahead log into the open file, wherever that is now, and empties it. */
  static void emptyLog(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
      if (!row.next() || row.getInt(1) != 0) {
        throw new SQLException("another program reads it");
      }
    }
  }

  /**
   * Makes the write-ahead log, which SQLite writes over and never shortens by itself, longer than
   * it comes to be before SQLite begins it anew, and leaves as many free pages in the file: the
   * next changes take no space of the disk. A log that is emptied, as at the end, has to be made
   * longer again.
   */
  static void lengthenLog(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE IF NOT EXISTS room (content BLOB)");
      statement.executeUpdate("INSERT INTO room VALUES (zeroblob(%d))".formatted(LOG_ROOM));
      statement.executeUpdate("DROP TABLE room");
    }
  }

  /** Whether {@link #lengthenLog} has to be done. */
  static boolean isLogShort(Path file) {
    try {
      return Files.size(file.resolveSibling(file.getFileName() + "-wal")) < LOG_ROOM;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Writes all that {@code connection} holds to {@code file}, which appears complete and durable,
   * or not at all; one that is there by then stays.
   */
  static void copy(Connection connection, Path file) throws SQLException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      try (PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
        statement.setString(1, part.toString());
        statement.execute();
      }
      force(part, StandardOpenOption.WRITE);
      Files.move(part, file);
      force(file.toAbsolutePath().resolveSibling("."), StandardOpenOption.READ);
    } catch (IOException e) {
      throw new SQLException("it was deleted, and cannot be written anew: " + e.getMessage(), e);
    }
  }

  private static void force(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
