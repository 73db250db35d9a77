package dev.berth.lifecycle;

import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;

/**
 * What Get, List and Path answer from: memory only. Written by {@link Records} and by the
 * operations.
 */
@ApplicationScoped
public class LocalView {
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

  void remove(VolumeName name) {
    statuses.remove(name);
  }
}
