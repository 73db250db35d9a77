package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Filters;
import dev.berth.ec2sim.query.Paging;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** DeleteVolume and DescribeVolumes. */
final class VolumeCalls {
  private static final Filters<Volume> FILTERS = new Filters<>(fields(), Volume::tags);

  private final World world;
  private final Volumes volumes;
  private final Lag lag;

  VolumeCalls(World world, Volumes volumes, Lag lag) {
    this.world = world;
    this.volumes = volumes;
    this.lag = lag;
  }

  private static Map<String, Function<Volume, Stream<String>>> fields() {
    return Map.ofEntries(
        Map.entry("volume-id", volume -> Stream.of(volume.id())),
        Map.entry("status", volume -> Stream.of(volume.status())),
        Map.entry("size", volume -> Stream.of(String.valueOf(volume.spec().size()))),
        Map.entry("volume-type", volume -> Stream.of(volume.spec().type().wire())),
        Map.entry("availability-zone", volume -> Stream.of(volume.spec().zone())),
        Map.entry("encrypted", volume -> Stream.of(String.valueOf(volume.spec().encrypted()))),
        Map.entry("snapshot-id", volume -> volume.snapshotId().stream()),
        Map.entry("attachment.instance-id", attachments(Attachment::instanceId)),
        Map.entry("attachment.device", attachments(Attachment::device)),
        Map.entry("attachment.status", attachments(attachment -> attachment.state().wire())));
  }

  private static Function<Volume, Stream<String>> attachments(Function<Attachment, String> field) {
    return volume -> volume.attachment().map(field).stream();
  }

  Call.Effect delete(Query query) {
    Volume volume = volumes.require(query.required("VolumeId"));
    volumes.checkDeletable(volume);
    return () -> {
      volumes.delete(volume);
      return new Xml().element("return", true);
    };
  }

  Call.Effect describe(Query query) {
    List<String> ids = query.list("VolumeId");
    Paging paging = Paging.of(query, ids);
    var filter = FILTERS.all(query.filters());
    if (query.flag("IncludeManagedResources")) {
      throw new Ec2Error("UnsupportedOperation", "There are no managed resources here");
    }
    return () -> {
      var page =
          paging.cut(
              Ids.VOLUME.select(lag.of(world.volumes), Volume::id, ids).filter(filter), Volume::id);
      return new Xml()
          .set("volumeSet", page.items(), Views::volume)
          .element("nextToken", page.nextToken());
    };
  }
}
