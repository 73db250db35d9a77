package dev.berth.backend;

import dev.berth.volume.BackendName;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The backends of this host, by name. Two of one name stop the start. */
@ApplicationScoped
public class Backends {
  private final SortedMap<BackendName, VolumeBackend> byName = new TreeMap<>();

  public Backends(@All List<VolumeBackend> backends) {
    for (VolumeBackend backend : backends) {
      if (byName.put(backend.traits().name(), backend) != null) {
        throw new IllegalStateException("two backends are named " + backend.traits().name());
      }
    }
  }

  /**
   * The backend of that name; {@link VolumeException.Invalid}, naming those that are there, if
   * there is none.
   */
  public VolumeBackend require(BackendName name) {
    VolumeBackend backend = byName.get(name);
    if (backend == null) {
      throw new VolumeException.Invalid(
          "unknown backend '%s': the backends here are %s"
              .formatted(
                  name,
                  byName.keySet().stream()
                      .map(BackendName::value)
                      .collect(Collectors.joining(", "))));
    }
    return backend;
  }

  /** Whether there is a backend of that name here. */
  public boolean has(BackendName name) {
    return byName.containsKey(name);
  }

  public Collection<VolumeBackend> all() {
    return byName.values();
  }

  /**
   * Why what the ledger has of a volume cannot be understood here; empty if it can. A backend that
   * there is not, an option that its backend does not have or does not read.
   */
  public Optional<String> unreadable(Volume volume) {
    try {
      var _ = require(volume.backend()).traits().schema().parse(volume.options().texts());
      return Optional.empty();
    } catch (VolumeException.Invalid e) {
      return Optional.of(e.getMessage());
    }
  }
}
