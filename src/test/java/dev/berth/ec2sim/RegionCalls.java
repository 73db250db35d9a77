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

/** DescribeAvailabilityZones and DescribeInstanceTypes: what the region has. */
final class RegionCalls {
  private static final Filters<Zones.Zone> ZONE_FILTERS =
      new Filters<>(
          Map.of(
              "zone-name", zone -> Stream.of(zone.name()),
              "zone-id", zone -> Stream.of(zone.id()),
              "zone-type", zone -> Stream.of("availability-zone"),
              "state", zone -> Stream.of("available")),
          zone -> Map.of());
  private static final Filters<InstanceType> TYPE_FILTERS =
      new Filters<>(Map.of("instance-type", type -> Stream.of(type.name())), type -> Map.of());

  private final Zones zones;
  private final World world;

  RegionCalls(World world, Zones zones) {
    this.world = world;
    this.zones = zones;
  }

  Call.Effect describeZones(Query query) {
    List<String> names = query.list("ZoneName");
    List<String> ids = query.list("ZoneId");
    var filter = ZONE_FILTERS.all(query.filters());
    query.flag("AllAvailabilityZones");
    names.forEach(zones::named);
    return () ->
        new Xml()
            .set(
                "availabilityZoneInfo",
                zones.all().stream()
                    .filter(zone -> names.isEmpty() || names.contains(zone.name()))
                    .filter(zone -> ids.isEmpty() || ids.contains(zone.id()))
                    .filter(filter)
                    .toList(),
                this::zone);
  }

  private void zone(Xml xml, Zones.Zone zone) {
    xml.element("zoneName", zone.name())
        .element("zoneId", zone.id())
        .element("zoneState", "available")
        .element("zoneType", "availability-zone")
        .element("optInStatus", "opt-in-not-required")
        .element("regionName", zones.region());
  }

  /** The usual types, and those of the instances there are. */
  private Stream<InstanceType> types() {
    return Stream.concat(
            Stream.of(InstanceType.M7I_LARGE, InstanceType.T3_MICRO),
            world.instances.all().map(Instance::type))
        .distinct();
  }

  Call.Effect describeTypes(Query query) {
    List<String> names = query.list("InstanceType");
    Paging paging = Paging.of(query, names);
    var filter = TYPE_FILTERS.all(query.filters());
    return () -> {
      List<InstanceType> found =
          types().filter(type -> names.isEmpty() || names.contains(type.name())).toList();
      if (found.size() < names.size()) {
        throw new Ec2Error(
            "InvalidInstanceType", "The following supplied instance types do not exist: " + names);
      }
      Function<InstanceType, String> name = InstanceType::name;
      var page =
          paging.cut(
              found.stream().filter(filter).sorted(java.util.Comparator.comparing(name)), name);
      return new Xml()
          .set("instanceTypeSet", page.items(), RegionCalls::type)
          .element("nextToken", page.nextToken());
    };
  }

  private static void type(Xml xml, InstanceType type) {
    xml.element("instanceType", type.name())
        .element("hypervisor", type.xen() ? "xen" : "nitro")
        .group(
            "ebsInfo",
            ebs ->
                ebs.element("nvmeSupport", type.xen() ? "unsupported" : "required")
                    .element("encryptionSupport", "supported")
                    .element("maximumEbsAttachments", type.attachments())
                    .element("attachmentLimitType", type.shared() ? "shared" : "dedicated")
                    .element("maximumEbsCards", 1));
  }
}
