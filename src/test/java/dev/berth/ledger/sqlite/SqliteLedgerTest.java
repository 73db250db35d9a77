package dev.berth.ledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.RecordCodec;
import dev.berth.ledger.VolumeLedger;
import dev.berth.ledger.VolumeLedgerContract;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
      statement.executeUpdate("PRAGMA user_version = " + (SqliteSchema.VERSION + 1));
    }
    assertThatThrownBy(() -> new SqliteLedger(newer))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("newer Berth");
  }

  @Test
  void aFileOfAnEarlierBerthIsTakenOver() throws SQLException {
    Path earlier = directory.resolve("earlier.db");
    Volume first = volume("a").with(DEVICE);
    Volume second = volume("b").with(DEVICE);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + earlier);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "CREATE TABLE volumes (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID");
      statement.executeUpdate(
          "CREATE TABLE claims (volume TEXT NOT NULL, host TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (volume, host)) WITHOUT ROWID");
      statement.executeUpdate("CREATE TABLE probes (at INTEGER PRIMARY KEY)");
      for (Volume volume : List.of(first, second)) {
        statement.executeUpdate(
            "INSERT INTO volumes VALUES ('%s', %d, '%s')"
                .formatted(volume.name(), volume.revision(), RecordCodec.write(volume)));
      }
      statement.executeUpdate("PRAGMA user_version = 1");
    }
    SqliteLedger opened = new SqliteLedger(earlier);
    try {
      assertThat(opened.volumes().list()).containsExactly(first, second);
      Volume third = opened.volumes().insert(volume("c"));
      assertThatThrownBy(() -> opened.volumes().replace(third, third.with(DEVICE)))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining("is the volume a already");
      for (Volume present : List.of(first, second)) {
        VolumeState owned = DEVICE.withOwner(Optional.of(HOST));
        opened.volumes().delete(opened.volumes().replace(present, present.with(owned)));
      }
      opened.volumes().replace(third, third.with(DEVICE));
    } finally {
      opened.close();
    }
  }

  @Test
  void aDamagedFileAndItsLogAreNotTouched() throws IOException {
    for (int number = 0; number < 200; number++) {
      ledger.volumes().insert(volume("v" + number));
    }
    ledger.close();
    open();
    ledger.volumes().insert(volume("in-the-log"));
    Path crashed = Files.createDirectory(directory.resolve("crashed"));
    copy(directory, crashed);
    Path damaged = crashed.resolve("ledger.db");
    byte[] bytes = Files.readAllBytes(damaged);
    Arrays.fill(bytes, 8192, 12288, (byte) 0xff);
    Files.write(damaged, bytes);
    Map<String, String> before = contents(crashed);
    assertThat(before).containsKeys("ledger.db", "ledger.db-wal");
    assertThatThrownBy(() -> new SqliteLedger(damaged))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("damaged")
        .hasMessageContaining("Put a good copy in its place");
    assertThat(contents(crashed)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger.db", "ledger.db ledger.db-wal ledger.db-shm", "ledger.db-wal"})
  void whatIsDeletedWhileItIsOpenIsWrittenAnew(String files) throws IOException {
    Volume before = ledger.volumes().insert(volume("before"));
    for (String file : files.split(" ", -1)) {
      Files.delete(directory.resolve(file));
    }
    Volume after = ledger.volumes().insert(volume("xafter"));
    assertThat(rowsAfterACrash()).containsExactly(before, after);
    ledger.close();
    open();
    assertThat(ledger.volumes().list()).containsExactly(before, after);
  }

  @Test
  void aFileDeletedBeforeTheEndIsWrittenAnew() throws IOException {
    Volume stored = ledger.volumes().insert(volume("a"));
    Files.delete(directory.resolve("ledger.db"));
    ledger.close();
    open();
    assertThat(ledger.volumes().list()).containsExactly(stored);
  }

  @Test
  void aFileThatWasReplacedIsNotWritten() throws IOException {
    Path file = directory.resolve("ledger.db");
    Volume first = ledger.volumes().insert(volume("a"));
    Path backup = Files.createDirectory(directory.resolve("backup"));
    copy(directory, backup);
    Volume second = ledger.volumes().insert(volume("b"));
    Path away = Files.move(file, directory.resolve("away.db"));
    Files.copy(backup.resolve("ledger.db"), file);
    Map<String, String> before = contents(directory);
    assertThatThrownBy(() -> ledger.volumes().insert(volume("c")))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("was replaced")
        .hasMessageContaining("put the right one back");
    assertThat(ledger.volumes().list()).containsExactly(first, second);
    assertThat(contents(directory).get("ledger.db")).isEqualTo(before.get("ledger.db"));
    Files.move(away, file, StandardCopyOption.REPLACE_EXISTING);
    Volume third = ledger.volumes().insert(volume("c"));
    ledger.close();
    open();
    assertThat(ledger.volumes().list()).containsExactly(first, second, third);
  }

  @Test
  void aReplacementIsNotMixedWithTheLogOfTheOld() throws IOException {
    Path file = directory.resolve("ledger.db");
    ledger.volumes().insert(volume("a"));
    ledger.close();
    Path backup = Files.copy(file, directory.resolve("backup.db"));
    open();
    ledger.volumes().insert(volume("b"));
    Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ledger.volumes().insert(volume("c")))
        .isInstanceOf(VolumeException.Failed.class);
    assertThat(rowsAfterACrash()).extracting(row -> row.name().value()).containsExactly("a");
    ledger.close();
    open();
    assertThat(ledger.volumes().list()).extracting(row -> row.name().value()).containsExactly("a");
  }

  @Test
  void aFileThatWasOverwrittenIsNotWritten() throws IOException {
    ledger.volumes().insert(volume("a"));
    byte[] other = Files.readAllBytes(directory.resolve("ledger.db"));
    ledger.volumes().insert(volume("b"));
    Files.write(directory.resolve("ledger.db"), other);
    assertThatThrownBy(() -> ledger.volumes().insert(volume("c")))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("was written to by another program");
    assertThat(Files.readAllBytes(directory.resolve("ledger.db"))).isEqualTo(other);
  }

  @Test
  void aFileWhoseDirectoryIsAnotherIsNotMadeThere() throws IOException {
    Path inner = Files.createDirectory(directory.resolve("inner"));
    SqliteLedger moved = new SqliteLedger(inner.resolve("ledger.db"));
    Volume stored = moved.volumes().insert(volume("a"));
    Path away = Files.move(inner, directory.resolve("away"));
    Files.createDirectory(inner);
    assertThatThrownBy(() -> moved.volumes().insert(volume("b")))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("out of reach");
    assertThat(inner).isEmptyDirectory();
    Files.delete(inner);
    Files.move(away, inner);
    Volume second = moved.volumes().insert(volume("b"));
    assertThat(moved.volumes().list()).containsExactly(stored, second);
    moved.close();
  }

  /** What another process would find if this one were killed now. */
  private List<Volume> rowsAfterACrash() throws IOException {
    Path crashed = Files.createTempDirectory(directory, "crashed");
    copy(directory, crashed);
    SqliteLedger found = new SqliteLedger(crashed.resolve("ledger.db"));
    try {
      return found.volumes().list();
    } finally {
      found.close();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (String name : List.of("ledger.db", "ledger.db-wal")) {
      Files.copy(from.resolve(name), to.resolve(name));
    }
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }
}
