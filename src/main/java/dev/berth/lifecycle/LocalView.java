package dev.berth.lifecycle;

import dev.berth.backend.Observed;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * What Get, List and Path answer from: memory only. Written by {@link Records} and by the
 * operations.
 */
@ApplicationScoped
public class LocalView {
  private static final Logger LOG = Logger.getLogger(LocalView.class);
  private final ConcurrentSkipListMap<VolumeName, VolumeStatus> statuses =
      new ConcurrentSkipListMap<>();

  public Optional<VolumeStatus> find(VolumeName name) {
    return Optional.ofNullable(statuses.get(name));
  }

  /** All volumes, ordered by name; a view that follows later changes. */
  public Collection<VolumeStatus> all() {
    return statuses.values();
  }

  /** All volumes as they are now, ordered by name. */
  public List<VolumeStatus> sorted() {
    return List.copyOf(statuses.values());
  }

  void put(VolumeStatus status) {
    statuses.put(status.volume().name(), status);
  }

  /**
   * Changes what is known of a volume; one that is not known stays unknown. {@code change} is done
   * again if somebody else changed the volume meanwhile.
   */
  void update(VolumeName name, UnaryOperator<VolumeStatus> change) {
    statuses.computeIfPresent(name, (key, status) -> change.apply(status));
  }

  /** Brings what is there of a volume up to date. What cannot be looked at stays as it was. */
  void observe(VolumeName name, Function<Volume, Observed> look) {
    try {
      update(name, status -> status.with(look.apply(status.volume())));
    } catch (VolumeException e) {
      LOG.debugf(e, "volume %s could not be looked at", name);
    }
  }

  void remove(VolumeName name) {
    statuses.remove(name);
  }
}
