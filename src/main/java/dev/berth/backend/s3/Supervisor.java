package dev.berth.backend.s3;

import dev.berth.volume.Periodic;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
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

  /**
   * A client that is being replaced while Berth stops; that takes a second if its store answers.
   */
  private static final Duration LAST_LOOKS = Duration.ofSeconds(10);

  private final ConcurrentHashMap<VolumeId, SupervisedMount> mounts = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<VolumeId, Long> storeAsked = new ConcurrentHashMap<>();
  private final AtomicLong restarts = new AtomicLong();
  private final ExecutorService looks = workers("watch-");
  private final ExecutorService questions = workers("store-");
  private final S3Tools tools;
  private final ClientPlans plans;
  private final KeysWatch keys;
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
    keys = new KeysWatch(plans, preflight);
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
      Periodic.start(timer, TICK, TICK, this::tick);
    }
  }

  private SupervisedMount create(Volume volume) {
    return new SupervisedMount(
        volume,
        new MountedClient(tools, plans, volume),
        plans,
        clock,
        () -> find(volume.id()).ifPresent(this::look),
        restarts::incrementAndGet);
  }

  private void tick() {
    for (SupervisedMount mount : mounts.values()) {
      look(mount);
      if (storeDue(mount)) {
        start(questions, () -> askStore(mount));
      }
    }
  }

  private static ExecutorService workers(String name) {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name, 0).factory());
  }

  private void look(SupervisedMount mount) {
    start(looks, mount::check);
  }

  /** A client may end, or the timer tick, while this is being closed: nobody looks any more. */
  private static void start(ExecutorService workers, Runnable work) {
    try {
      workers.execute(work);
    } catch (RejectedExecutionException closed) {
      assert workers.isShutdown();
    }
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
    KeysWatch.Finding found = keys.look(mount.volume(), mount.heldKeys());
    if (!questions.isShutdown()) {
      mount.storeAnswered(found);
    }
  }

  /**
   * Watches nothing any more. A client that is just being replaced is waited for; when this
   * returns, nothing of it uses a store.
   */
  @Override
  public synchronized void close() {
    if (timer != null) {
      timer.shutdownNow();
    }
    mounts.clear();
    questions.shutdownNow();
    looks.shutdown();
    if (!ended(looks)) {
      looks.shutdownNow();
      ended(looks);
    }
    ended(questions);
  }

  private static boolean ended(ExecutorService workers) {
    try {
      return workers.awaitTermination(LAST_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
