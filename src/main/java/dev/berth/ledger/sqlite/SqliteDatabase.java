package dev.berth.ledger.sqlite;

import dev.berth.volume.Periodic;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jboss.logging.Logger;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The one connection to the file, and the one thread that uses it: a commit waits for the disk
 * inside native code, which would hold the carrier of every virtual thread that did it itself.
 *
 * <p>A file that is deleted under it is written anew, with all its rows; one that is replaced is
 * not written any more. Both are looked for before each write, every ten seconds, and at the end.
 * Where the disk is full, there is room in the log for some changes, and changes of rows and
 * deletions have a {@link Ballast} to draw on; new rows have not.
 */
final class SqliteDatabase implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SqliteDatabase.class);
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final LedgerFile file;
  private final Ballast ballast;
  private Connection connection;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("ledger").factory());

  /** Work on the connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Opens or makes the file. One that is damaged, is no database or was written by a newer Berth is
   * {@link VolumeException.Refused}, and stays as it is; one that cannot be opened is {@link
   * VolumeException.Failed}.
   */
  SqliteDatabase(Path path) {
    file = new LedgerFile(path);
    SqliteLibrary.prefer();
    ballast = new Ballast(file.path());
    connection = open();
    file.noteOpened();
    Periodic.start(thread, FIRST_LOOK, LOOK, this::look);
  }

  private Connection open() {
    while (true) {
      try {
        return SqliteFiles.open(file.path());
      } catch (VolumeException.Failed e) {
        if (!ballast.isDiskFull() || !ballast.giveUp()) {
          throw e;
        }
      }
    }
  }

  /** Runs {@code work}, which only reads, on the ledger's thread. */
  <T> T read(Work<T> work) {
    return onThread(() -> work.on(connection));
  }

  /** Runs {@code work} on the ledger's thread, each statement a transaction of its own. */
  <T> T write(Work<T> work) {
    return onThread(() -> written(work));
  }

  /**
   * As {@link #write}, for what has to be noted when the disk is full too: it gets the space that
   * is kept for that.
   */
  <T> T writeFromReserve(Work<T> work) {
    return onThread(
        () -> {
          while (true) {
            try {
              return written(work);
            } catch (SQLException e) {
              if (!isFull(e) || !ballast.giveUp()) {
                throw e;
              }
            }
          }
        });
  }

  private <T> T written(Work<T> work) throws SQLException {
    ensureInPlace();
    try {
      return work.on(connection);
    } finally {
      file.noteWritten();
    }
  }

  /** SQLite says so of the file and its log, but not of the index of the log. */
  private boolean isFull(SQLException e) {
    return e instanceof SQLiteException failed
        && (failed.getResultCode() == SQLiteErrorCode.SQLITE_FULL
            || (failed.getResultCode().name().startsWith("SQLITE_IOERR") && ballast.isDiskFull()));
  }

  private <T> T onThread(Callable<T> work) {
    try {
      return thread.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.UnknownOutcome(
          "interrupted while the ledger %s was written".formatted(file.path()), e);
    } catch (ExecutionException e) {
      throw translated(e.getCause() == null ? e : e.getCause());
    }
  }

  private RuntimeException translated(Throwable cause) {
    return switch (cause) {
      case VolumeException known -> known;
      case SQLiteException e when e.getResultCode().code == SQLiteErrorCode.SQLITE_INTERRUPT.code ->
          new VolumeException.UnknownOutcome(
              "the ledger %s was interrupted".formatted(file.path()), e);
      case SQLException e -> SqliteFiles.failed(file.path(), e);
      default -> new CompletionException(cause);
    };
  }

  private void look() {
    try {
      ensureInPlace();
      ballast.restore();
      if (ballast.isRoomy() && SqliteFiles.isLogShort(file.path())) {
        written(
            open -> {
              SqliteFiles.lengthenLog(open);
              return true;
            });
      }
    } catch (SQLException | IOException | RuntimeException e) {
      LOG.error(e.getMessage());
    }
  }

  /** Puts a deleted file back; {@link VolumeException.Failed} if another is in its place. */
  private void ensureInPlace() throws SQLException {
    switch (file.condition()) {
      case INTACT -> {}
      case INCOMPLETE ->
          reopen("its write-ahead log was deleted while Berth ran; it was made anew");
      case DELETED -> {
        SqliteFiles.emptyLog(connection);
        SqliteFiles.copy(connection, file.path());
        reopen("it was deleted while Berth ran; it was written anew, with all its rows");
      }
      case OVERWRITTEN -> throw refused("was written to by another program while Berth ran");
      case REPLACED -> {
        saveElsewhere();
        throw refused("was replaced by another file while Berth ran");
      }
      case OUT_OF_REACH -> {
        saveElsewhere();
        throw refused("is out of reach: its directory was deleted, unmounted or mounted over");
      }
    }
  }

  /** All rows go to our own file, wherever it is, and none to the one that has its name now. */
  private void saveElsewhere() throws SQLException {
    SqliteFiles.emptyLog(connection);
    file.noteWrittenElsewhere();
  }

  private void reopen(String why) throws SQLException {
    connection.close();
    connection = open();
    file.noteOpened();
    LOG.warnf("the ledger %s: %s", file.path(), why);
  }

  private VolumeException.Failed refused(String what) {
    return new VolumeException.Failed(
        "the ledger %s %s. Nothing was changed, and nothing will be: put the right one back in its place, or restart Berth to use what is there now"
            .formatted(file.path(), what));
  }

  /** A file that is not ours any more is left alone. */
  @Override
  public void close() {
    try (thread) {
      write(
          open -> {
            open.close();
            return true;
          });
    } catch (VolumeException e) {
      LOG.error(e.getMessage());
    }
  }
}
