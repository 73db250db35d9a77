package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Flushable;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Makes what was written to volumes durable. Needs no lock. A flush has the volume's mount open, so
 * that nobody can unmount it until all flushes have ended.
 */
@ApplicationScoped
public class Flushes {
  private static final Logger LOG = Logger.getLogger(Flushes.class);

  private final LocalView view;
  private final Backends backends;
  private final UseCheck useCheck;
  private final ThisHost host;
  private final Clock clock;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();

  private record Running(VolumeName volume, Progress progress) {}

  public Flushes(LocalView view, Backends backends, UseCheck useCheck, ThisHost host, Clock clock) {
    this.view = view;
    this.backends = backends;
    this.useCheck = useCheck;
    this.host = host;
    this.clock = clock;
  }

  /**
   * Makes what was written so far durable. A failure is logged and kept as the volume's trouble,
   * unless the volume has been released meanwhile: to unmount is to flush.
   */
  void run(Volume volume) {
    if (volume.state() instanceof VolumeState.Creating
        || !(backends.require(volume.backend()) instanceof Flushable flushable)) {
      return;
    }
    Running flush = new Running(volume.name(), new Progress("flush"));
    running.add(flush);
    try {
      flushable.flush(volume);
      Progress.reached(LifecycleStep.UNMOUNT_FLUSHED);
    } catch (VolumeException e) {
      if (useCheck.mayBeMounted(volume)) {
        LOG.errorf(e, "volume %s: what was written may not be on the device", volume.name());
        view.update(
            volume.name(),
            status -> status.withTrouble(Optional.of(Trouble.of(e, clock.instant()))));
      }
    } finally {
      running.remove(flush);
    }
  }

  /** Why the volume cannot be unmounted yet, if it is being flushed. */
  Optional<String> find(VolumeName name) {
    return running.stream()
        .filter(flush -> flush.volume().equals(name))
        .findFirst()
        .map(
            flush ->
                "what was written to it is still being brought to where it is kept (%s)"
                    .formatted(flush.progress()));
  }

  /** Refuses with {@link VolumeException.Busy} if the volume is being flushed. */
  void refuseRunning(VolumeName name) {
    find(name)
        .ifPresent(
            why -> {
              throw new VolumeException.Busy(
                  "volume %s is busy on host %s: %s; try again when that is done"
                      .formatted(name, host.id(), why));
            });
  }
}
