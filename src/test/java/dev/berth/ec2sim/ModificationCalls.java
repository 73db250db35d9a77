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

/** ModifyVolume and DescribeVolumesModifications. */
final class ModificationCalls {
  private static final Filters<Modification> FILTERS =
      new Filters<>(
          Map.of(
              "volume-id", modification -> Stream.of(modification.volumeId()),
              "modification-state", modification -> Stream.of(modification.state().wire()),
              "target-size",
                  modification -> Stream.of(String.valueOf(modification.target().size())),
              "original-size",
                  modification -> Stream.of(String.valueOf(modification.original().size()))),
          modification -> Map.of());

  private final World world;
  private final Volumes volumes;
  private final Modifications modifications;
  private final Lag lag;

  ModificationCalls(World world, Volumes volumes, Modifications modifications, Lag lag) {
    this.world = world;
    this.volumes = volumes;
    this.modifications = modifications;
    this.lag = lag;
  }

  Call.Effect modify(Query query) {
    Volume volume = volumes.require(query.required("VolumeId"));
    Optional<Integer> size = query.integer("Size");
    Optional<VolumeType> type = query.text("VolumeType").map(VolumeType::of);
    Optional<Integer> iops = query.integer("Iops");
    Optional<Integer> throughput = query.integer("Throughput");
    if (size.isEmpty() && type.isEmpty() && iops.isEmpty() && throughput.isEmpty()) {
      throw new Ec2Error(
          "MissingParameter",
          "The request must contain the parameter size, type, iops or throughput");
    }
    if (query.flag("MultiAttachEnabled")) {
      throw new Ec2Error("UnsupportedOperation", "Multi-Attach is not simulated");
    }
    VolumeSpec target = target(volume.spec(), size, type, iops, throughput);
    modifications.check(volume);
    return () -> {
      Modification made = modifications.begin(volume, target);
      return new Xml().group("volumeModification", xml -> Views.modification(xml, made));
    };
  }

  private static VolumeSpec target(
      VolumeSpec now,
      Optional<Integer> size,
      Optional<VolumeType> type,
      Optional<Integer> iops,
      Optional<Integer> throughput) {
    int newSize = size.orElse(now.size());
    if (newSize < now.size()) {
      throw Ec2Error.invalidValue("New size cannot be smaller than existing size");
    }
    VolumeType newType = type.orElse(now.type());
    newType.checkSize(newSize);
    boolean keeps = newType == now.type();
    boolean derived = newType == VolumeType.GP2;
    Optional<Integer> newIops =
        newType.iops(keeps && !derived ? iops.or(now::iops) : iops, newSize);
    Optional<Integer> newThroughput =
        newType.throughput(keeps ? throughput.or(now::throughput) : throughput, newIops);
    return now.with(newSize, newType, newIops, newThroughput);
  }

  Call.Effect describe(Query query) {
    List<String> ids = query.list("VolumeId");
    Paging paging = Paging.of(query, ids);
    var filter = FILTERS.all(query.filters());
    return () -> {
      ids.forEach(this::requireModified);
      var page =
          paging.cut(
              lag.of(world.modifications)
                  .filter(found -> ids.isEmpty() || ids.contains(found.volumeId()))
                  .filter(filter),
              Modification::volumeId);
      return new Xml()
          .set("volumeModificationSet", page.items(), Views::modification)
          .element("nextToken", page.nextToken());
    };
  }

  private void requireModified(String id) {
    volumes.require(id);
    if (world.modifications.find(id).isEmpty()) {
      throw new Ec2Error(
          "InvalidVolumeModification.NotFound",
          "Modification for volume '%s' does not exist.".formatted(id));
    }
  }
}
