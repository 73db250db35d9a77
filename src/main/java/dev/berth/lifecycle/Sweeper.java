package dev.berth.lifecycle;

import dev.berth.backend.Observed;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Periodic;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jboss.logging.Logger;

/**
 * Looks, now and then, for volumes that nobody uses any more, and measures how full the mounted
 * ones are.
 */
@ApplicationScoped
public class Sweeper {
  private static final Logger LOG = Logger.getLogger(Sweeper.class);
  private final LocalView view;
  private final ReleaseQueue queue;
  private final ReleaseVolume release;
  private final EngineEpoch epoch;
  private final ThisHost host;
  private final Duration interval;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("sweeper").factory());

  public Sweeper(
      LocalView view,
      ReleaseQueue queue,
      ReleaseVolume release,
      EngineEpoch epoch,
      ThisHost host,
      LifecycleConfig config) {
    this.view = view;
    this.queue = queue;
    this.release = release;
    this.epoch = epoch;
    this.host = host;
    interval = config.sweepInterval();
  }

  public void start() {
    Periodic.start(timer, interval, interval, this::sweep);
  }

  /** Looks at all volumes once; what there is to do for each is done by a thread of its own. */
  void sweep() {
    for (VolumeStatus status : view.all()) {
      VolumeName name = status.volume().name();
      // A filesystem on no device of its own has no size, and asking for one could hang.
      if (status.observed() instanceof Observed.Mounted mounted && mounted.device().isPresent()) {
        Thread.ofVirtual().start(() -> measure(name, mounted));
      }
      if (isIdle(status) || release.owes(name)) {
        Thread.ofVirtual().name("sweep " + name).start(() -> queue.tryNow(name));
      }
    }
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

  private void measure(VolumeName name, Observed.Mounted mounted) {
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
