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

/** One table: key columns, a revision, and the row as JSON. */
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
    String query =
        "SELECT body FROM " + table + where + " ORDER BY " + String.join(", ", keyColumns);
    return database.read(
        connection -> {
          try (PreparedStatement statement = prepare(connection, query, values);
              ResultSet found = statement.executeQuery()) {
            List<R> rows = new ArrayList<>();
            while (found.next()) {
              rows.add(RecordCodec.read(found.getString(1), type));
            }
            return rows;
          }
        });
  }

  @Override
  public R insert(R row) {
    String columns = String.join(", ", keyColumns) + ", revision, body";
    List<Object> values = new ArrayList<>(keyValues(row));
    values.add(revision(row));
    values.add(RecordCodec.write(row));
    String places = "?" + ", ?".repeat(values.size() - 1);
    database.write(
        connection -> {
          try (PreparedStatement statement =
              prepare(
                  connection,
                  "INSERT INTO %s (%s) VALUES (%s)".formatted(table, columns, places),
                  values)) {
            return statement.executeUpdate();
          } catch (SQLiteException e) {
            if (e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY) {
              throw new VolumeException.Conflict(describe(row) + " is in the ledger already");
            }
            throw e;
          }
        });
    return row;
  }

  @Override
  public R replace(R expected, R next) {
    R stored = withRevision(next, revision(expected) + 1);
    List<Object> values = new ArrayList<>(List.of(revision(stored), RecordCodec.write(stored)));
    values.addAll(keyValues(expected));
    values.add(revision(expected));
    if (update("UPDATE %s SET revision = ?, body = ? WHERE %s AND revision = ?", values) == 0) {
      throw changed(expected);
    }
    return stored;
  }

  @Override
  public void delete(R expected) {
    List<Object> values = new ArrayList<>(keyValues(expected));
    boolean there = !select(" WHERE " + condition(), keyValues(expected)).isEmpty();
    values.add(revision(expected));
    if (there && update("DELETE FROM %s WHERE %s AND revision = ?", values) == 0) {
      throw changed(expected);
    }
  }

  private VolumeException.Conflict changed(R expected) {
    return new VolumeException.Conflict(
        describe(expected) + " was changed by somebody else meanwhile; try again");
  }

  private int update(String template, List<Object> values) {
    return database.write(
        connection -> {
          try (PreparedStatement statement =
              prepare(connection, template.formatted(table, condition()), values)) {
            return statement.executeUpdate();
          }
        });
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
