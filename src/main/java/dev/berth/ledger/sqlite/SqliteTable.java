package dev.berth.ledger.sqlite;

import dev.berth.ledger.LedgerTable;
import dev.berth.ledger.RecordCodec;
import dev.berth.volume.VolumeException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One table: key columns, a revision, and the row as JSON; where {@link #unique} says so, a column
 * more.
 */
abstract class SqliteTable<K, R> implements LedgerTable<K, R> {
  private final SqliteDatabase database;
  private final Class<R> type;
  private final String table;
  private final List<String> keyColumns;

  SqliteTable(SqliteDatabase database, Class<R> type, String table, List<String> keyColumns) {
    this.database = database;
    this.type = type;
    this.table = table;
    this.keyColumns = keyColumns;
  }

  abstract List<String> keyValues(R row);

  abstract List<String> keyValuesOf(K key);

  abstract long revision(R row);

  abstract R withRevision(R row, long revision);

  /** A column beside, and a value in it that no other row has. */
  record Unique(String column, String value) {}

  /** What no other row may have in common with this one, beside the key. */
  Optional<Unique> unique(R row) {
    return Optional.empty();
  }

  /** Why {@code row} cannot be written: {@code other} has what it would have alone. */
  VolumeException taken(R row, R other) {
    return new VolumeException.Conflict(describe(other) + " is like " + describe(row));
  }

  /** For error texts, e.g. {@code volume db}. */
  abstract String describe(R row);

  @Override
  public Optional<R> find(K key) {
    return select(" WHERE " + condition(), keyValuesOf(key)).stream().findFirst();
  }

  @Override
  public List<R> list() {
    return select("", List.of());
  }

  final List<R> select(String where, List<String> values) {
    return database.read(connection -> select(connection, where, values));
  }

  private List<R> select(Connection connection, String where, List<String> values)
      throws SQLException {
    String query =
        "SELECT body FROM " + table + where + " ORDER BY " + String.join(", ", keyColumns);
    try (PreparedStatement statement = prepare(connection, query, values);
        ResultSet found = statement.executeQuery()) {
      List<R> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(RecordCodec.read(found.getString(1), type));
      }
      return rows;
    }
  }

  @Override
  public R insert(R row) {
    List<String> columns = new ArrayList<>(keyColumns);
    columns.addAll(List.of("revision", "body"));
    List<Object> values = new ArrayList<>(keyValues(row));
    values.addAll(List.of(revision(row), RecordCodec.write(row)));
    unique(row)
        .ifPresent(
            unique -> {
              columns.add(unique.column());
              values.add(unique.value());
            });
    String places = "?" + ", ?".repeat(values.size() - 1);
    String insert =
        "INSERT INTO %s (%s) VALUES (%s)".formatted(table, String.join(", ", columns), places);
    database.write(change(insert, values, row));
    return row;
  }

  @Override
  public R replace(R expected, R next) {
    R stored = withRevision(next, revision(expected) + 1);
    List<Object> values = new ArrayList<>(List.of(revision(stored), RecordCodec.write(stored)));
    Optional<Unique> gained =
        unique(stored).filter(unique -> !unique(expected).equals(Optional.of(unique)));
    gained.ifPresent(unique -> values.add(unique.value()));
    values.addAll(keyValues(expected));
    values.add(revision(expected));
    String change =
        "revision = ?, body = ?" + gained.map(unique -> ", " + unique.column() + " = ?").orElse("");
    String update =
        "UPDATE %s SET %s WHERE %s AND revision = ?".formatted(table, change, condition());
    if (database.writeFromReserve(change(update, values, stored)) == 0) {
      throw changed(expected);
    }
    return stored;
  }

  @Override
  public void delete(R expected) {
    List<Object> values = new ArrayList<>(keyValues(expected));
    boolean there = !select(" WHERE " + condition(), keyValues(expected)).isEmpty();
    values.add(revision(expected));
    String delete = "DELETE FROM %s WHERE %s AND revision = ?".formatted(table, condition());
    if (there && database.writeFromReserve(change(delete, values, expected)) == 0) {
      throw changed(expected);
    }
  }

  private VolumeException.Conflict changed(R expected) {
    return new VolumeException.Conflict(
        describe(expected) + " was changed by somebody else meanwhile; try again");
  }

  private SqliteDatabase.Work<Integer> change(String sql, List<Object> values, R row) {
    return connection -> {
      try (PreparedStatement statement = prepare(connection, sql, values)) {
        return statement.executeUpdate();
      } catch (SQLiteException e) {
        throw refused(connection, row, e);
      }
    };
  }

  private VolumeException refused(Connection connection, R row, SQLiteException e)
      throws SQLException {
    if (e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY) {
      return new VolumeException.Conflict(describe(row) + " is in the ledger already");
    }
    if (e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE) {
      Unique unique = unique(row).orElseThrow(() -> e);
      return taken(
          row,
          select(connection, " WHERE %s = ?".formatted(unique.column()), List.of(unique.value()))
              .getFirst());
    }
    throw e;
  }

  private String condition() {
    return String.join(" = ? AND ", keyColumns) + " = ?";
  }

  private static PreparedStatement prepare(Connection connection, String sql, List<?> values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i));
    }
    return statement;
  }
}
