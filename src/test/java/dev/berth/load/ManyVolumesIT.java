package dev.berth.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A ledger with as many volumes as there may be. */
@RequiresSystem(engine = false)
class ManyVolumesIT {
  private static final int VOLUMES = 100_000;

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  @Test
  @DisplayName("100,000 volumes: Berth starts, lists, and serves each of them")
  void startListAndServe() throws SQLException {
    Path root = BED.work().resolve("many");
    BerthProcess many =
        new BerthProcess(
            root,
            BED.work().resolve("many.sock"),
            Path.of("target/system-test-logs/ManyVolumesIT/many.log").toAbsolutePath(),
            Map.of("BERTH_LINGER", "0s", "BERTH_SWEEP_INTERVAL", "1s"));
    many.start();
    try {
      many.client().create("v0", Map.of("size", "16MiB")).orFail();
      many.stop();
      copy(root.resolve("ledger.db"));
      many.start();
      PluginClient client = many.client();
      assertThat(client.names()).hasSize(VOLUMES);
      for (int number : new int[] {0, 1, VOLUMES / 2, VOLUMES - 1}) {
        assertThat(client.get("v" + number).orFail().volume().path("Name").asText())
            .isEqualTo("v" + number);
      }
      client.mount("v0", "x").orFail();
      client.unmount("v0", "x").orFail();
      assertThat(client.create("more", Map.of("size", "16MiB")).failed().error())
          .contains("berth.limits.volumes");
      client.remove("v0").orFail();
      client.create("more", Map.of("size", "16MiB")).orFail();
      client.remove("more").orFail();
      assertThat(client.names()).hasSize(VOLUMES - 1);
    } finally {
      if (many.isRunning()) {
        many.stop();
      }
    }
  }

  /** Copies the one row there is. */
  private static void copy(Path ledger) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
        Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO volumes (name, revision, body) VALUES (?, ?, ?)")) {
      connection.setAutoCommit(false);
      String body;
      String id;
      long revision;
      try (ResultSet row =
          statement.executeQuery(
              "SELECT revision, body, json_extract(body, '$.id') FROM volumes WHERE name = 'v0'")) {
        row.next();
        revision = row.getLong(1);
        body = row.getString(2);
        id = row.getString(3);
      }
      for (int number = 1; number < VOLUMES; number++) {
        insert.setString(1, "v" + number);
        insert.setLong(2, revision);
        insert.setString(
            3, body.replace("v0", "v" + number).replace(id, "%016x".formatted(number)));
        insert.executeUpdate();
      }
      connection.commit();
    }
  }
}
