package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.BackendName;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the configuration, {@code berth.defaults.*}, says of options that a create leaves out. */
@ApplicationScoped
public class OptionDefaults {
  private static final BackendName FALLBACK = new BackendName("loop");
  private final SortedMap<String, String> given;
  private final Backends backends;

  public OptionDefaults(LifecycleConfig config, Backends backends) {
    this.backends = backends;
    given = new TreeMap<>();
    config.defaults().forEach((key, text) -> given.put(optionName(key), text));
  }

  /** A variable's {@code _} comes as a dot, which means something in the name of a family alone. */
  private String optionName(String key) {
    return known(key) ? key : key.replace(".", "");
  }

  private boolean known(String key) {
    return backends.all().stream().anyMatch(backend -> backend.traits().schema().knows(key));
  }

  /**
   * Refuses, as {@link VolumeException.Invalid}, a default that no backend knows or that its option
   * refuses.
   */
  public void check() {
    given.keySet().stream()
        .filter(key -> !known(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw new VolumeException.Invalid(
                  "berth.defaults.%s: no backend has such an option".formatted(key));
            });
    try {
      backends.all().forEach(this::of);
      backends.require(backend());
    } catch (VolumeException.Invalid e) {
      throw new VolumeException.Invalid("berth.defaults: " + e.getMessage(), e);
    }
  }

  BackendName backend() {
    String name = given.get(CommonOptions.BACKEND.name());
    return name == null ? FALLBACK : new BackendName(name);
  }

  /** Those that volumes of {@code backend} have. */
  VolumeOptions of(VolumeBackend backend) {
    SortedMap<String, String> known = new TreeMap<>();
    given.forEach(
        (key, text) -> {
          if (backend.traits().schema().knows(key)) {
            known.put(key, text);
          }
        });
    known.put(CommonOptions.BACKEND.name(), backend.traits().name().value());
    return backend.traits().schema().parse(Map.copyOf(known));
  }
}
