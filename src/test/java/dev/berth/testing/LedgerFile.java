package dev.berth.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The SQLite ledger below a root, read and written past Berth. */
public record LedgerFile(Path root) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The row of a volume, or none. */
  public List<JsonNode> volumes(String name) {
    return query("SELECT body FROM volumes WHERE name = ?", name);
  }

  /** The claims of all hosts on a volume. */
  public List<JsonNode> claims(String volume) {
    return query("SELECT body FROM claims WHERE volume = ?", volume);
  }

  /** Every row there is. */
  public List<JsonNode> rows() {
    return query("SELECT body FROM volumes UNION ALL SELECT body FROM claims");
  }

  /** Makes another host the owner of a volume, with a claim on it. */
  public void giveTo(String host, String volume) {
    update(
        "UPDATE volumes SET body = json_set(body, '$.state.owner', ?) WHERE name = ?",
        host,
        volume);
    String claim =
        """
        {"volume":"%s","host":"%s","bootId":"gone","mountIds":{},"touched":"2026-01-01T00:00:00Z","revision":0}
        """
            .formatted(volume, host);
    update(
        "INSERT INTO claims (volume, host, revision, body) VALUES (?, ?, 0, ?)",
        volume,
        host,
        claim.strip());
  }

  private List<JsonNode> query(String sql, String... values) {
    try (Connection connection = open();
        PreparedStatement statement = prepare(connection, sql, values);
        ResultSet found = statement.executeQuery()) {
      List<JsonNode> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(JSON.readTree(found.getString(1)));
      }
      return rows;
    } catch (SQLException | JsonProcessingException e) {
      throw new AssertionError("the ledger below %s cannot be read".formatted(root), e);
    }
  }

  private void update(String sql, String... values) {
    try (Connection connection = open();
        PreparedStatement statement = prepare(connection, sql, values)) {
      if (statement.executeUpdate() != 1) {
        throw new AssertionError("nothing changed by " + sql);
      }
    } catch (SQLException e) {
      throw new AssertionError("the ledger below %s cannot be written".formatted(root), e);
    }
  }

  private Connection open() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:sqlite:%s?busy_timeout=10000".formatted(root.resolve("ledger.db")));
  }

  private static PreparedStatement prepare(Connection connection, String sql, String... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setString(i + 1, values[i]);
    }
    return statement;
  }
}
