package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.Map;
import java.util.Optional;

/** CreateVolume and CopyVolumes. */
final class CreateCalls {
  private static final int MIN_RATE = 100;
  private static final int MAX_RATE = 300;

  /** What both have in common. */
  private record Request(
      VolumeSpec spec,
      Volumes.Origin origin,
      Optional<Integer> rate,
      Map<String, String> tags,
      Optional<String> token,
      Map<String, String> all) {}

  private final World world;
  private final Volumes volumes;
  private final Zones zones;
  private final ClientTokens tokens;

  CreateCalls(World world, Volumes volumes, Zones zones) {
    this.world = world;
    this.volumes = volumes;
    this.zones = zones;
    tokens = new ClientTokens(world.clock);
  }

  Call.Effect create(Query query) {
    Optional<Snapshot> snapshot =
        query.text("SnapshotId").map(id -> Ids.SNAPSHOT.require(world.snapshots, id));
    snapshot.filter(found -> !found.completed()).ifPresent(CreateCalls::refusePending);
    Zones.Zone zone = zones.of(query);
    int least = snapshot.map(Snapshot::size).orElse(0);
    VolumeSpec spec =
        new VolumeSpec(
            zone.name(),
            size(query, least),
            VolumeType.GP2,
            Optional.empty(),
            Optional.empty(),
            snapshot.map(Snapshot::encrypted).orElse(false),
            snapshot.flatMap(Snapshot::kmsKeyId));
    Volumes.Origin origin = new Volumes.Origin(snapshot.map(Snapshot::id), Optional.empty());
    return prepare(request(query, "CreateVolume", spec, origin, rate(query, snapshot.isPresent())));
  }

  Call.Effect copy(Query query) {
    Volume source = volumes.require(query.required("SourceVolumeId"));
    if (source.state() != Volume.State.AVAILABLE) {
      throw new Ec2Error(
          "IncorrectState",
          "The volume '%s' is in the '%s' state.".formatted(source.id(), source.status()));
    }
    VolumeSpec from = source.spec();
    VolumeSpec spec =
        new VolumeSpec(
            from.zone(),
            size(query, from.size()),
            VolumeType.GP2,
            Optional.empty(),
            Optional.empty(),
            from.encrypted(),
            from.kmsKeyId());
    Volumes.Origin origin = new Volumes.Origin(Optional.empty(), Optional.of(source.id()));
    Call.Effect effect = prepare(request(query, "CopyVolumes", spec, origin, Optional.empty()));
    return () -> new Xml().group("volumeSet", xml -> xml.group("item", effect.apply()::into));
  }

  private Request request(
      Query query, String action, VolumeSpec base, Volumes.Origin origin, Optional<Integer> rate) {
    VolumeType type = query.text("VolumeType").map(VolumeType::of).orElse(base.type());
    type.checkSize(base.size());
    Optional<Integer> iops = type.iops(query.integer("Iops"), base.size());
    Optional<Integer> throughput = type.throughput(query.integer("Throughput"), iops);
    if (query.flag("MultiAttachEnabled")) {
      throw new Ec2Error("UnsupportedOperation", "Multi-Attach is not simulated");
    }
    Map<String, String> all = query.without("ClientToken", "DryRun");
    all.put("Action", action);
    return new Request(
        encryption(query, base.with(base.size(), type, iops, throughput)),
        origin,
        rate,
        Tags.ofSpecifications(query, "volume", world.settings.of(Limit.TAGS_PER_RESOURCE)),
        query.text("ClientToken"),
        all);
  }

  private static VolumeSpec encryption(Query query, VolumeSpec spec) {
    boolean asked = query.flag("Encrypted");
    Optional<String> key = query.text("KmsKeyId");
    key.ifPresent(KmsKeys::check);
    if (key.isPresent() && !asked) {
      throw new Ec2Error(
          "InvalidParameterDependency",
          "The parameter KmsKeyId requires the parameter Encrypted to be set.");
    }
    boolean encrypted = spec.encrypted() || asked;
    Optional<String> used =
        encrypted ? key.or(spec::kmsKeyId).or(() -> Optional.of(KmsKeys.DEFAULT)) : key;
    return new VolumeSpec(
        spec.zone(), spec.size(), spec.type(), spec.iops(), spec.throughput(), encrypted, used);
  }

  private static int size(Query query, int least) {
    int size =
        query
            .integer("Size")
            .or(() -> Optional.of(least).filter(given -> given > 0))
            .orElseThrow(
                () ->
                    new Ec2Error(
                        "MissingParameter",
                        "The request must contain the parameter size/snapshot"));
    if (size < least) {
      throw Ec2Error.invalidValue(
          "Volume of %dGiB is smaller than its source, expect size >= %dGiB"
              .formatted(size, least));
    }
    return size;
  }

  private static Optional<Integer> rate(Query query, boolean fromSnapshot) {
    Optional<Integer> rate = query.integer("VolumeInitializationRate");
    if (rate.isPresent() && !fromSnapshot) {
      throw new Ec2Error(
          "InvalidParameterDependency",
          "The parameter VolumeInitializationRate requires the parameter SnapshotId to be set.");
    }
    rate.filter(value -> value < MIN_RATE || value > MAX_RATE)
        .ifPresent(
            value -> {
              throw Ec2Error.invalidValue(
                  "VolumeInitializationRate of %d is out of range; minimum is %d, maximum is %d."
                      .formatted(value, MIN_RATE, MAX_RATE));
            });
    return rate;
  }

  private static void refusePending(Snapshot snapshot) {
    throw new Ec2Error(
        "IncorrectState", "Snapshot is in invalid state - pending: " + snapshot.id());
  }

  /** The quota comes before the token, as at the service: over it, no repetition is recognised. */
  private Call.Effect prepare(Request request) {
    volumes.checkRoom(request.spec());
    Optional<String> earlier = tokens.earlier(request.token(), request.all(), volumes::exists);
    if (earlier.isPresent()) {
      return () -> view(volumes.require(earlier.get()));
    }
    return () -> {
      Volume made =
          volumes.create(request.spec(), request.origin(), request.rate(), request.tags());
      tokens.used(request.token(), request.all(), made.id());
      return view(made);
    };
  }

  private static Xml view(Volume volume) {
    Xml xml = new Xml();
    Views.volume(xml, volume);
    return xml;
  }
}
