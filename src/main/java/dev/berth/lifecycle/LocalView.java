package dev.berth.lifecycle;

import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What Get, List and Path answer from: memory only. Written by {@link Records} and by the
 * operations.
 */
@ApplicationScoped
public class LocalView {
  private final ConcurrentHashMap<VolumeName, VolumeStatus> statuses = new ConcurrentHashMap<>();

  public Optional<VolumeStatus> find(VolumeName name) {
    return Optional.ofNullable(statuses.get(name));
  }

  /** All volumes, in no order; a view that follows later changes. */
  public Collection<VolumeStatus> all() {
    return statuses.values();
  }

  /** All volumes, ordered by name. */
  public List<VolumeStatus> sorted() {
    return statuses.values().stream()
        .sorted(Comparator.comparing(status -> status.volume().name()))
        .toList();
  }

  void put(VolumeStatus status) {
    statuses.put(status.volume().name(), status);
  }

  /** Changes what is known of a volume; one that is not known stays unknown. */
  void update(VolumeName name, UnaryOperator<VolumeStatus> change) {
    statuses.computeIfPresent(name, (key, status) -> change.apply(status));
  }

  void remove(VolumeName name) {
    statuses.remove(name);
  }
}
