package dev.berth.bench;

import dev.berth.ledger.RecordCodec;
import dev.berth.testing.BerthProcess;
import dev.berth.volume.BackendRef;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeId;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** List with many volumes. */
final class Lists {
  private static final double AIM_MILLIS = 50;
  private static final int CALLS = 40;

  private final BerthProcess berth;
  private final Path ledger;
  private final Scale scale;

  Lists(BerthProcess berth, Path ledger, Scale scale) {
    this.berth = berth;
    this.ledger = ledger;
    this.scale = scale;
  }

  /**
   * Fills the ledger with copies of a volume that Berth itself made, in one transaction: ten
   * thousand calls of Create would measure the disk. Berth does not run then.
   */
  void fill() {
    berth.start();
    berth.client().create("row", Map.of("size", "16MiB")).orFail();
    berth.stop();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger)) {
      Volume made = read(connection);
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO volumes (name, revision, body) VALUES (?, ?, ?)")) {
        for (int row = 1; row < scale.rows(); row++) {
          Volume volume = copy(made, "row-%05d".formatted(row));
          insert.setString(1, volume.name().value());
          insert.setLong(2, volume.revision());
          insert.setString(3, RecordCodec.write(volume));
          insert.addBatch();
        }
        insert.executeBatch();
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("cannot fill " + ledger, e);
    }
  }

  private static Volume read(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("SELECT body FROM volumes");
        ResultSet row = query.executeQuery()) {
      row.next();
      return RecordCodec.read(row.getString(1), Volume.class);
    }
  }

  private static Volume copy(Volume made, String name) {
    VolumeId id = VolumeId.random();
    VolumeState state =
        new VolumeState.Ready(
            new BackendRef("%s.%s.img".formatted(name, id)),
            made.made().content(),
            made.made().owner());
    return new Volume(
        new VolumeName(name),
        id,
        made.backend(),
        made.options(),
        made.createdAt(),
        state,
        made.revision());
  }

  List<Row> run() {
    berth.start();
    try {
      int listed = berth.client().names().size();
      if (listed != scale.rows()) {
        throw new AssertionError("%d volumes listed, not %d".formatted(listed, scale.rows()));
      }
      Load load =
          new Load(berth.socket(), KeptOpen.request("VolumeDriver.List", Map.of()), 1, CALLS);
      load.take();
      Samples samples = Samples.of(load.take());
      return List.of(Row.limit("List of %,d volumes".formatted(scale.rows()), samples, AIM_MILLIS));
    } finally {
      berth.stop();
    }
  }
}
