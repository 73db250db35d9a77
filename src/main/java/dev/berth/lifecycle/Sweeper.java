package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed;
import dev.berth.backend.Orphans;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Periodic;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jboss.logging.Logger;

/**
 * Looks, now and then, for volumes that nobody uses any more, at how those are that are on this
 * host, and for what is left of volumes that are gone.
 */
@ApplicationScoped
public class Sweeper {
  private static final Logger LOG = Logger.getLogger(Sweeper.class);
  private static final Duration NO_WAIT = Duration.ZERO;
  private final LocalView view;
  private final Backends backends;
  private final VolumeLocks locks;
  private final ReleaseQueue queue;
  private final ReleaseVolume release;
  private final Trims trims;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Duration interval;
  private final OneOfEach running = new OneOfEach();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("sweeper").factory());

  public Sweeper(
      LocalView view,
      Backends backends,
      VolumeLocks locks,
      ReleaseQueue queue,
      ReleaseVolume release,
      Trims trims,
      EngineEpoch epoch,
      ThisHost host,
      LifecycleConfig config) {
    this.view = view;
    this.backends = backends;
    this.locks = locks;
    this.queue = queue;
    this.release = release;
    this.trims = trims;
    this.epoch = epoch;
    this.host = host;
    interval = config.sweepInterval();
  }

  public void start() {
    running.start("orphans", this::freeOrphans);
    Periodic.start(timer, interval, interval, this::sweep);
  }

  /**
   * Looks at all volumes once; what there is to do for each is done by a thread of its own. One
   * that is not done with its volume yet is not followed by another.
   */
  void sweep() {
    running.start("orphans", this::freeOrphans);
    running.start("trim", trims::runDue);
    for (VolumeStatus status : view.all()) {
      VolumeName name = status.volume().name();
      if (VolumeFacts.device(status).isPresent()) {
        running.start("look " + name, () -> look(status.volume()));
      }
      if (isIdle(status) || release.owes(name)) {
        running.start("sweep " + name, () -> queue.tryNow(name));
      }
    }
  }

  private void freeOrphans() {
    for (VolumeBackend backend : backends.all()) {
      try {
        if (backend instanceof Orphans orphans) {
          orphans.freeOrphans();
        }
      } catch (VolumeException e) {
        LOG.warn(e.getMessage());
      }
    }
  }

  /**
   * A filesystem that has failed is seen here even if nobody mounts it again. One on no device of
   * its own is watched elsewhere; it has no size, and asking for one could hang.
   */
  private void look(Volume volume) {
    VolumeName name = volume.name();
    Optional<String> before = view.find(name).flatMap(VolumeStatus::lastError);
    view.observe(name, backends.require(volume.backend())::observe);
    view.find(name)
        .flatMap(VolumeStatus::lastError)
        .filter(now -> !before.equals(Optional.of(now)))
        .ifPresent(LOG::error);
    measure(name);
  }

  private boolean isIdle(VolumeStatus status) {
    boolean held =
        status.claim().isPresent()
            || (status.volume().state() instanceof VolumeState.Ready ready
                && ready.owner().filter(host.id()::equals).isPresent());
    return held
        && status.claim().map(claim -> claim.liveIds(host.bootId(), epoch.current())).orElse(0L)
            == 0;
  }

  /**
   * With the lock, so that what is measured is the volume and not, once it is unmounted, the host's
   * own filesystem below. One that something is being done with is measured another time.
   */
  private void measure(VolumeName name) {
    try {
      locks.with(
          name,
          new Progress("measure"),
          NO_WAIT,
          () -> {
            view.find(name)
                .filter(status -> !(status.volume().state() instanceof VolumeState.Creating))
                .filter(VolumeStatus::mounted)
                .map(status -> backends.require(status.volume().backend()).observe(status.volume()))
                .ifPresent(observed -> measure(name, observed));
            return true;
          });
    } catch (VolumeException e) {
      LOG.debugf("volume %s: usage is not measured now: %s", name, e.getMessage());
    }
  }

  private void measure(VolumeName name, Observed observed) {
    if (!(observed instanceof Observed.Mounted mounted)
        || mounted.health() instanceof Observed.Health.Failed) {
      return;
    }
    try {
      FileStore store = Files.getFileStore(mounted.filesystemRoot());
      long total = store.getTotalSpace();
      Usage usage =
          new Usage(new ByteSize(total), new ByteSize(total - store.getUnallocatedSpace()));
      view.update(name, status -> status.mounted() ? status.withUsage(usage) : status);
    } catch (IOException e) {
      LOG.debugf(e, "volume %s: usage could not be measured", name);
    }
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
  }
}
