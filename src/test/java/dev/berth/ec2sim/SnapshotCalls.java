package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Filters;
import dev.berth.ec2sim.query.Paging;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** CreateSnapshot, DeleteSnapshot and DescribeSnapshots. */
final class SnapshotCalls {
  private static final Filters<Snapshot> FILTERS =
      new Filters<>(
          Map.of(
              "snapshot-id", snapshot -> Stream.of(snapshot.id()),
              "volume-id", snapshot -> Stream.of(snapshot.volumeId()),
              "status", snapshot -> Stream.of(snapshot.status()),
              "volume-size", snapshot -> Stream.of(String.valueOf(snapshot.size())),
              "description", snapshot -> snapshot.description().stream(),
              "owner-id", snapshot -> Stream.of(Views.ACCOUNT)),
          Snapshot::tags);

  private final World world;
  private final Volumes volumes;
  private final Snapshots snapshots;
  private final Lag lag;

  SnapshotCalls(World world, Volumes volumes, Snapshots snapshots, Lag lag) {
    this.world = world;
    this.volumes = volumes;
    this.snapshots = snapshots;
    this.lag = lag;
  }

  Call.Effect create(Query query) {
    Volume volume = volumes.require(query.required("VolumeId"));
    Optional<String> description = query.text("Description");
    Map<String, String> tags =
        Tags.ofSpecifications(query, "snapshot", world.settings.of(Limit.TAGS_PER_RESOURCE));
    snapshots.check(volume);
    return () -> {
      Xml xml = new Xml();
      Views.snapshot(xml, snapshots.create(volume, description, tags));
      return xml;
    };
  }

  Call.Effect delete(Query query) {
    Snapshot snapshot = snapshots.require(query.required("SnapshotId"));
    return () -> {
      snapshots.delete(snapshot);
      return new Xml().element("return", true);
    };
  }

  Call.Effect describe(Query query) {
    List<String> ids = query.list("SnapshotId");
    Paging paging = Paging.of(query, ids);
    var filter = FILTERS.all(query.filters());
    query.list("Owner").forEach(SnapshotCalls::checkOwner);
    query.list("RestorableBy").forEach(SnapshotCalls::checkOwner);
    return () -> {
      var page =
          paging.cut(
              Ids.SNAPSHOT.select(lag.of(world.snapshots), Snapshot::id, ids).filter(filter),
              Snapshot::id);
      return new Xml()
          .set("snapshotSet", page.items(), Views::snapshot)
          .element("nextToken", page.nextToken());
    };
  }

  private static void checkOwner(String owner) {
    if (!owner.equals("self") && !owner.equals(Views.ACCOUNT)) {
      throw new Ec2Error("InvalidUserID.Malformed", "Invalid user id: \"%s\"".formatted(owner));
    }
  }
}
