package dev.berth.ec2sim;

import dev.berth.ec2sim.device.Decoy;
import dev.berth.ec2sim.device.Devices;
import dev.berth.ec2sim.device.LoopDevices;
import dev.berth.ec2sim.device.NoDevices;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One region of EC2 on a port of this host. The real SDK talks to it with {@link #endpoint} as its
 * endpoint, {@link #region} as its region and any credentials.
 *
 * <p>Instances are made by {@link #runInstance}; everything else by the API. Times and quotas are
 * set by {@link #set}, what goes wrong by the methods that return a {@link Fault}.
 */
public final class Ec2Simulator implements AutoCloseable {
  public static final String REGION = "eu-west-1";

  /** The zone that instances run in unless told otherwise. */
  public static final String ZONE = REGION + "a";

  private final World world = new World(REGION);
  private final Access access = new Access(REGION);
  private final KmsKeys keys = new KmsKeys();
  private final Faults faults = new Faults();
  private final Throttle throttle = new Throttle();
  private final CallCounts counts = new CallCounts();
  private final Lag lag = new Lag(world);
  private final Optional<LoopDevices> loops;
  private final Devices devices;
  private final Volumes volumes;
  private final Attachments attachments;
  private final Instances instances;
  private final AttachmentCalls attachmentCalls;
  private final Endpoint endpoint;

  private Ec2Simulator(Optional<LoopDevices> loops, int port) {
    this.loops = loops;
    devices = loops.<Devices>map(found -> found).orElseGet(NoDevices::new);
    volumes = new Volumes(world, devices, keys);
    attachments = new Attachments(world, devices);
    instances = new Instances(world, devices, attachments);
    attachmentCalls = new AttachmentCalls(world, volumes, attachments);
    Api api = new Api(world, access, actions().byName());
    endpoint = new Endpoint(port, api, access, faults, throttle, counts);
  }

  private Actions actions() {
    Zones zones = new Zones(REGION);
    return new Actions(
        new CreateCalls(world, volumes, zones),
        new VolumeCalls(world, volumes, lag),
        attachmentCalls,
        new ModificationCalls(world, volumes, new Modifications(world, devices), lag),
        new SnapshotCalls(world, volumes, new Snapshots(world, devices), lag),
        new InstanceCalls(world, lag),
        new RegionCalls(world, zones),
        new TagCalls(world));
  }

  /** Without devices, for which no root is needed. */
  public static Ec2Simulator withoutDevices() {
    return new Ec2Simulator(Optional.empty(), 0);
  }

  /**
   * With loop devices, and all files below {@code directory}. What an earlier one with the same
   * directory left is taken away; its volumes are forgotten.
   */
  public static Ec2Simulator withDevices(Path directory) {
    return withDevices(directory, 0);
  }

  /** The same, on a port of the caller's choice; 0 is any free one. */
  public static Ec2Simulator withDevices(Path directory, int port) {
    return new Ec2Simulator(Optional.of(new LoopDevices(directory)), port);
  }

  public URI endpoint() {
    return endpoint.uri();
  }

  public String region() {
    return REGION;
  }

  /** A running instance in {@link #ZONE}; returns its id. */
  public String runInstance() {
    return runInstance(ZONE, InstanceType.M7I_LARGE);
  }

  /** A running instance; returns its id. */
  public String runInstance(String zone, InstanceType type) {
    return world.locked(() -> instances.run(zone, type).id());
  }

  /** Volumes stay attached, their devices go; {@code stopped} after {@link Delay#INSTANCE}. */
  public void stopInstance(String id) {
    world.locked(() -> instances.stop(id));
  }

  /** {@code running}, and its devices back, after {@link Delay#INSTANCE}. */
  public void startInstance(String id) {
    world.locked(() -> instances.start(id));
  }

  /** Its volumes come free; it is forgotten {@link Delay#VANISH} after it is terminated. */
  public void terminateInstance(String id) {
    world.locked(() -> instances.terminate(id));
  }

  /** The image of the instance uses {@code device} and no describe tells. */
  public void hideDevice(String instanceId, String device) {
    world.locked(() -> instances.hideDevice(instanceId, device));
  }

  /**
   * The root of what the instance sees: {@code sys/block} and {@code dev} are below. Fails without
   * devices.
   */
  public Path hostRoot(String instanceId) {
    return loops.orElseThrow().root(instanceId);
  }

  /** From now on these come with each volume of the instance. */
  public void decoys(String instanceId, Decoy... decoys) {
    loops.orElseThrow().decoys(instanceId, Set.of(decoys));
  }

  /** Attaches a volume as somebody else would, from the console; the rules hold. */
  public void attach(String volumeId, String instanceId, String device) {
    world.locked(
        () -> {
          Volume volume = volumes.require(volumeId);
          attachmentCalls.check(volume, instances.require(instanceId), device);
          attachments.attach(volume, instanceId, device);
        });
  }

  /** Detaches a volume as somebody else would; nothing if it is not attached. */
  public void detach(String volumeId, boolean force) {
    world.locked(
        () -> {
          Volume volume = volumes.require(volumeId);
          volume
              .attachment()
              .ifPresent(attachment -> attachments.detach(volume, attachment, force));
        });
  }

  /** Tags a volume as its owner would. */
  public void tag(String volumeId, String key, String value) {
    retag(volumeId, tags -> tags.put(key, value));
  }

  /** Takes a tag away as somebody else would, from the console. */
  public void untag(String volumeId, String key) {
    retag(volumeId, tags -> tags.remove(key));
  }

  private void retag(String volumeId, Consumer<Map<String, String>> change) {
    world.locked(
        () -> {
          Volume volume = volumes.require(volumeId);
          Map<String, String> tags = new HashMap<>(volume.tags());
          change.accept(tags);
          world.volumes.put(volumeId, volume.tagged(tags));
        });
  }

  public void set(Delay delay, Duration time) {
    world.settings.set(delay, time);
  }

  public void set(Limit limit, int count) {
    world.settings.set(limit, count);
  }

  /** Puts the clock forward, for quotas and tokens; delays already running take as long. */
  public void advance(Duration time) {
    world.clock.advance(time);
  }

  /** The next calls answer with {@code code}, and nothing happens. */
  public Fault fail(String action, String code) {
    return faults.add(action, new Fault.Kind.Fail(code));
  }

  /** It happens, and the answer is an error all the same. */
  public Fault failAfter(String action, String code) {
    return faults.add(action, new Fault.Kind.FailAfter(code));
  }

  /** No answer, and nothing happens. */
  public Fault dropBefore(String action) {
    return faults.add(action, new Fault.Kind.DropBefore());
  }

  /** It happens, and there is no answer. */
  public Fault dropAfter(String action) {
    return faults.add(action, new Fault.Kind.DropAfter());
  }

  /** It happens late. */
  public Fault delay(String action, Duration time) {
    return faults.add(action, new Fault.Kind.Wait(time));
  }

  /** It happens at once, and the answer is late. */
  public Fault delayAnswer(String action, Duration time) {
    return faults.add(action, new Fault.Kind.WaitAfter(time));
  }

  /** Forgets all faults. */
  public void clearFaults() {
    faults.clear();
  }

  /** The next attachment stays {@code attaching}; its time is {@code age} ago. */
  public void stickNextAttachment(Duration age) {
    attachmentCalls.stickNext(age);
  }

  /** For each action {@code burst} calls at once and {@code rate} a second. */
  public void throttle(double rate, int burst) {
    throttle.all(rate, burst);
  }

  /** For one action. */
  public void throttle(String action, double rate, int burst) {
    throttle.one(action, rate, burst);
  }

  public void unthrottle() {
    throttle.none();
  }

  /** From now on describes show what was {@code lag} ago; zero ends that. */
  public void staleDescribes(Duration time) {
    lag.set(time);
  }

  /** Who may call what. */
  public Access access() {
    return access;
  }

  /** A key that volumes can be encrypted with; with all others they never come to be. */
  public void allowKmsKey(String key) {
    keys.allow(key);
  }

  public CallCounts calls() {
    return counts;
  }

  public History history() {
    return world.history;
  }

  /** The volumes there are, the roots of instances left out. */
  public List<Volume> volumes() {
    return world.locked(
        () ->
            world
                .volumes
                .all()
                .filter(volume -> volume.attachment().filter(Attachment::isRoot).isEmpty())
                .toList());
  }

  public Optional<Volume> volume(String id) {
    return world.locked(() -> world.volumes.find(id));
  }

  public List<Snapshot> snapshots() {
    return world.locked(() -> world.snapshots.all().toList());
  }

  /** It will never be complete. */
  public void failSnapshot(String id) {
    world.locked(
        () -> world.snapshots.find(id).ifPresent(found -> world.snapshots.put(id, found.broken())));
  }

  /** Lets {@link Control} commands in. */
  void control() {
    endpoint.serve("/control", new Control(this));
  }

  /** Ends it: no port, no device; files stay for the owner of the directory to delete. */
  @Override
  public void close() {
    endpoint.close();
    world.end();
    devices.close();
  }
}
