package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Filters;
import dev.berth.ec2sim.query.Paging;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** DescribeInstances. */
final class InstanceCalls {
  private static final Filters<Instance> FILTERS = new Filters<>(fields(), Instance::tags);

  private final World world;
  private final Lag lag;

  InstanceCalls(World world, Lag lag) {
    this.world = world;
    this.lag = lag;
  }

  private static Map<String, Function<Instance, Stream<String>>> fields() {
    return Map.of(
        "instance-id", instance -> Stream.of(instance.id()),
        "instance-state-name", instance -> Stream.of(instance.state().wire()),
        "instance-state-code", instance -> Stream.of(String.valueOf(instance.state().code())),
        "instance-type", instance -> Stream.of(instance.type().name()),
        "availability-zone", instance -> Stream.of(instance.zone()));
  }

  Call.Effect describe(Query query) {
    List<String> ids = query.list("InstanceId");
    Paging paging = Paging.of(query, ids);
    Predicate<Instance> filter = FILTERS.all(query.filters());
    if (query.flag("IncludeManagedResources")) {
      throw new Ec2Error("UnsupportedOperation", "There are no managed resources here");
    }
    return () -> {
      List<Volume> volumes = lag.of(world.volumes).toList();
      var page =
          paging.cut(
              Ids.INSTANCE.select(lag.of(world.instances), Instance::id, ids).filter(filter),
              Instance::id);
      return new Xml()
          .set("reservationSet", page.items(), (xml, it) -> reservation(xml, it, volumes))
          .element("nextToken", page.nextToken());
    };
  }

  private static void reservation(Xml xml, Instance instance, List<Volume> volumes) {
    xml.element("reservationId", instance.id().replace("i-", "r-"))
        .element("ownerId", Views.ACCOUNT)
        .set("instancesSet", List.of(instance), (item, it) -> instance(item, it, volumes));
  }

  private static void instance(Xml xml, Instance instance, List<Volume> volumes) {
    xml.element("instanceId", instance.id())
        .group("instanceState", state -> state(state, instance.state()))
        .element("instanceType", instance.type().name())
        .element("launchTime", instance.launchTime())
        .group("placement", place -> place.element("availabilityZone", instance.zone()))
        .element("rootDeviceType", "ebs")
        .element("rootDeviceName", Instance.ROOT_DEVICE)
        .element("hypervisor", "xen")
        .element("architecture", "x86_64")
        .set(
            "networkInterfaceSet",
            List.of(instance.id().replace("i-", "eni-")),
            (item, id) -> item.element("networkInterfaceId", id).element("status", "in-use"))
        .set(
            "blockDeviceMapping",
            volumes.stream().filter(volume -> isAt(volume, instance)).toList(),
            InstanceCalls::mapping);
    if (!instance.tags().isEmpty()) {
      xml.tags(instance.tags());
    }
  }

  private static boolean isAt(Volume volume, Instance instance) {
    return volume
        .attachment()
        .filter(attachment -> attachment.instanceId().equals(instance.id()))
        .isPresent();
  }

  private static void state(Xml xml, Instance.State state) {
    xml.element("code", state.code()).element("name", state.wire());
  }

  private static void mapping(Xml xml, Volume volume) {
    Attachment attachment = volume.attachment().orElseThrow();
    xml.element("deviceName", attachment.device())
        .group(
            "ebs",
            ebs ->
                ebs.element("volumeId", volume.id())
                    .element("status", attachment.state().wire())
                    .element("attachTime", attachment.attachTime())
                    .element("deleteOnTermination", attachment.isRoot()));
  }
}
