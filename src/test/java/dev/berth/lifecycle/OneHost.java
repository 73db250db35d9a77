package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.ledger.ClaimKey;
import dev.berth.ledger.VolumeLedger;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.MovableClock;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Claim;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The life cycle of one host, put together over a ledger and a {@link FakeBackend}. Another object
 * over the same two is the same host, or another one, after a restart.
 */
final class OneHost {
  static final int MOST_VOLUMES = 1_000;

  /** An engine in the mount namespace of this process. */
  static final Caller ENGINE = new Caller(ProcessHandle.current().pid());

  static final Duration LINGER = Duration.ofSeconds(5);
  static final Duration TRIM_INTERVAL = Duration.ofHours(1);

  final VolumeLedger ledger;
  final FakeBackend backend;
  final MovableClock clock;
  final ThisHost host;
  final LocalView view = new LocalView();
  final VolumeLocks locks = new VolumeLocks();
  final Pins pins = new Pins();
  final EngineEpoch epoch = new EngineEpoch();
  final Flushes flushes;
  final Records records;
  final Maintenance maintenance;
  final CreateVolume create;
  final ReleaseVolume release;
  final ReleaseQueue queue;
  final MountVolume mount;
  final RemoveVolume remove;
  final ForceRelease forceRelease;
  final Trims trims;
  final Sweeper sweeper;
  final Recovery recovery;
  final VolumeService service;

  OneHost(VolumeLedger ledger, FakeBackend backend, MovableClock clock, ThisHost host) {
    this(ledger, backend, clock, host, Duration.ofSeconds(60));
  }

  /** A host whose calls are answered within {@code limit}. */
  OneHost(
      VolumeLedger ledger, FakeBackend backend, MovableClock clock, ThisHost host, Duration limit) {
    this.ledger = ledger;
    this.backend = backend;
    this.clock = clock;
    this.host = host;
    Settings settings = new Settings(limit);
    Backends backends = new Backends(List.of(backend));
    CallerCheck callers = new CallerCheck(host);
    UseCheck useCheck = new UseCheck(backends, callers, host);
    flushes = new Flushes(view, backends, useCheck, host, clock);
    records = new Records(ledger, view, host);
    maintenance = new Maintenance(records, view, backends, locks, pins, settings);
    OptionDefaults defaults = new OptionDefaults(settings, backends);
    Reserve reserve = new Reserve(settings, host);
    HostLimits limits = new HostLimits(view, settings);
    create =
        new CreateVolume(
            records, view, backends, defaults, maintenance, reserve, limits, host, clock);
    release =
        new ReleaseVolume(
            records, view, backends, useCheck, pins, flushes, epoch, host, clock, settings);
    queue = new ReleaseQueue(release, locks, clock);
    MountRepair repair = new MountRepair(view, backends, useCheck, pins, flushes);
    mount =
        new MountVolume(
            records, view, backends, create, repair, release, reserve, callers, epoch, host, clock);
    remove = new RemoveVolume(records, view, backends, useCheck, pins, flushes, epoch, host, clock);
    forceRelease =
        new ForceRelease(records, backends, release, remove, useCheck, flushes, host, clock);
    trims = new Trims(view, backends, locks, pins, clock, settings);
    sweeper = new Sweeper(view, backends, locks, queue, release, trims, epoch, host, settings);
    recovery =
        new Recovery(
            records,
            view,
            backends,
            create,
            remove,
            release,
            queue,
            maintenance,
            locks,
            pins,
            epoch,
            host,
            clock);
    service =
        new VolumeService(
            new Operations(locks, host),
            create,
            mount,
            release,
            flushes,
            remove,
            forceRelease,
            maintenance,
            queue,
            sweeper,
            view,
            records,
            backends,
            epoch,
            ledger,
            settings);
  }

  static ThisHost named(String id, String bootId) {
    return new ThisHost(new HostId(id), bootId);
  }

  /** The same host after a restart of Berth. */
  OneHost restarted() {
    return new OneHost(ledger, backend, clock, host);
  }

  /** The same host after a boot. */
  OneHost booted(String bootId) {
    backend.boot();
    return new OneHost(ledger, backend, clock, named(host.id().value(), bootId));
  }

  Volume created(String name) {
    return create.run(create.parse(new VolumeName(name), Map.of()));
  }

  VolumeName mounted(String name, String... ids) {
    Volume volume = created(name);
    for (String id : ids) {
      mount.run(volume.name(), new MountId(id), ENGINE);
    }
    return volume.name();
  }

  Optional<Volume> volume(VolumeName name) {
    return ledger.volumes().find(name);
  }

  Optional<HostId> owner(VolumeName name) {
    return volume(name).orElseThrow().made().owner();
  }

  Optional<Claim> claim(VolumeName name) {
    return ledger.claims().find(new ClaimKey(name, host.id()));
  }

  /** Nothing of the volume is on this host, or said to be. */
  boolean isFree(VolumeName name) {
    return !backend.isMounted(name) && claim(name).isEmpty() && owner(name).isEmpty();
  }

  private record Settings(Duration limit) implements LifecycleConfig {
    @Override
    public Path root() {
      return Path.of("/");
    }

    @Override
    public ByteSize reserve() {
      return new ByteSize(0);
    }

    @Override
    public Optional<String> hostId() {
      return Optional.empty();
    }

    @Override
    public Duration linger() {
      return LINGER;
    }

    @Override
    public Duration sweepInterval() {
      return Duration.ofHours(1);
    }

    @Override
    public Duration trimInterval() {
      return TRIM_INTERVAL;
    }

    @Override
    public Map<String, String> defaults() {
      return Map.of("backend", FakeBackend.NAME.value());
    }

    @Override
    public Limits limits() {
      return new ShortLimits(limit);
    }
  }

  private record ShortLimits(Duration limit) implements LifecycleConfig.Limits {
    @Override
    public Duration longCall() {
      return limit;
    }

    @Override
    public Duration shortCall() {
      return limit;
    }

    @Override
    public int volumes() {
      return MOST_VOLUMES;
    }
  }
}
