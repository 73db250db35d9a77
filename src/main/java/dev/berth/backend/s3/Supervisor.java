package dev.berth.backend.s3;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All volumes that are mounted here. A client that ends is seen at once, one that an earlier run of
 * Berth started within a quarter of a second; whether mounts answer is asked every two seconds,
 * whether stores do at the configured interval, and every five seconds while one does not.
 */
final class Supervisor implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(250);
  private static final Duration STORE_DOWN = Duration.ofSeconds(5);

  private final ConcurrentHashMap<VolumeId, SupervisedMount> mounts = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<VolumeId, Long> storeAsked = new ConcurrentHashMap<>();
  private final AtomicLong restarts = new AtomicLong();
  private final S3Tools tools;
  private final ClientPlans plans;
  private final Preflight preflight;
  private final InstantSource clock;
  private final Duration probeInterval;
  private @Nullable ScheduledExecutorService timer;

  Supervisor(
      S3Tools tools,
      ClientPlans plans,
      Preflight preflight,
      InstantSource clock,
      Duration probeInterval) {
    this.tools = tools;
    this.plans = plans;
    this.preflight = preflight;
    this.clock = clock;
    this.probeInterval = probeInterval;
  }

  /** The volume's mount, watched from now on if it is not yet. */
  SupervisedMount of(Volume volume) {
    watch();
    return mounts.compute(
        volume.id(), (id, known) -> known == null || known.gone() ? create(volume) : known);
  }

  Optional<SupervisedMount> find(VolumeId volume) {
    return Optional.ofNullable(mounts.get(volume)).filter(mount -> !mount.gone());
  }

  Collection<SupervisedMount> all() {
    return mounts.values();
  }

  long restarts() {
    return restarts.get();
  }

  /** It is not mounted: nothing is to be watched. */
  void forget(VolumeId volume) {
    mounts.remove(volume);
    storeAsked.remove(volume);
  }

  /** Begins with the first volume: a host without volumes in S3 has no thread for them. */
  private synchronized void watch() {
    if (timer == null) {
      timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("s3-watch").factory());
      var _ =
          timer.scheduleWithFixedDelay(
              this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private SupervisedMount create(Volume volume) {
    return new SupervisedMount(
        volume,
        new MountedClient(tools, plans, volume),
        plans,
        clock,
        () -> find(volume.id()).ifPresent(Supervisor::look),
        restarts::incrementAndGet);
  }

  private void tick() {
    for (SupervisedMount mount : mounts.values()) {
      look(mount);
      if (storeDue(mount)) {
        Thread.ofVirtual().name("store " + mount.volume().name()).start(() -> askStore(mount));
      }
    }
  }

  private static void look(SupervisedMount mount) {
    Thread.ofVirtual().name("watch " + mount.volume().name()).start(mount::check);
  }

  private boolean storeDue(SupervisedMount mount) {
    Duration pause =
        mount.storeAnswers() || probeInterval.compareTo(STORE_DOWN) < 0
            ? probeInterval
            : STORE_DOWN;
    long now = System.nanoTime();
    Long last = storeAsked.putIfAbsent(mount.volume().id(), now);
    return last != null
        && now - last > pause.toNanos()
        && storeAsked.replace(mount.volume().id(), last, now);
  }

  private void askStore(SupervisedMount mount) {
    mount.storeAnswered(preflight.trouble(S3Target.of(mount.volume())));
  }

  /** Watches nothing any more. */
  @Override
  public synchronized void close() {
    if (timer != null) {
      timer.shutdownNow();
    }
    mounts.clear();
  }
}
