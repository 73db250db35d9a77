package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed.Health;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Takes a mount away whose filesystem has failed, so that it can be mounted anew. */
@ApplicationScoped
public class MountRepair {
  private static final Logger LOG = Logger.getLogger(MountRepair.class);

  private final LocalView view;
  private final Backends backends;
  private final UseCheck useCheck;
  private final Pins pins;
  private final Flushes flushes;

  public MountRepair(
      LocalView view, Backends backends, UseCheck useCheck, Pins pins, Flushes flushes) {
    this.view = view;
    this.backends = backends;
    this.useCheck = useCheck;
    this.pins = pins;
    this.flushes = flushes;
  }

  /**
   * Unmounts the volume, whose filesystem has {@code failed}, and takes it off this host; claim and
   * owner stay. Used by somebody: {@link VolumeException.Failed}, which says what has failed, who
   * uses it and what to do, and it stays mounted. The lock is held.
   */
  void run(Volume volume, Health.Failed failed) {
    VolumeBackend backend = backends.require(volume.backend());
    Optional<String> busy =
        pins.find(volume.name()).map(Progress::toString).or(() -> flushes.find(volume.name()));
    if (busy.isPresent()) {
      throw inUse(volume, backend, failed, busy.get());
    }
    try {
      useCheck.refuseHeld(volume, UseCheck.PATIENTLY);
      LOG.warnf(
          "volume %s: %s; nobody uses it, so it is unmounted and mounted anew",
          volume.name(), failed.why());
      backend.unmount(volume);
    } catch (VolumeException.InUse e) {
      throw inUse(volume, backend, failed, e.getMessage());
    } finally {
      view.observe(volume.name(), backend::observe);
    }
  }

  /** The backend says more of what has failed than can be seen. */
  private VolumeException.Failed inUse(
      Volume volume, VolumeBackend backend, Health.Failed failed, String user) {
    view.observe(volume.name(), backend::observe);
    String what = "volume %s cannot be used: %s".formatted(volume.name(), failed.why());
    try {
      backend.mount(volume, (current, next) -> current);
    } catch (VolumeException e) {
      what = e.getMessage();
    }
    return new VolumeException.Failed(
        "%s. It cannot be mounted anew as long as it is used (%s): stop that, then start it again"
            .formatted(what, user));
  }
}
