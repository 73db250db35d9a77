package dev.berth.lifecycle;

import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;

/**
 * How much there may be of what Berth keeps in memory: a ledger that does not fit would keep it
 * from starting, and all volumes of the host with it.
 */
@ApplicationScoped
public class HostLimits {
  /** Of the options of all volumes, as {@link #weight} counts them. */
  private static final long MOST_TEXT = 128L << 20;

  /** What an option takes in memory beside its text. */
  private static final int EACH = 150;

  private final LocalView view;
  private final int volumes;

  public HostLimits(LocalView view, LifecycleConfig config) {
    this.view = view;
    volumes = config.limits().volumes();
  }

  /** Refuses one volume more, as {@link VolumeException.Failed}, if there are too many already. */
  void requireRoom(VolumeName name, VolumeOptions options) {
    Collection<VolumeStatus> all = view.all();
    if (all.size() >= volumes) {
      throw new VolumeException.Failed(
          "cannot create volume %s: there are %d volumes, as many as berth.limits.volumes allows; remove some that nobody needs, or raise the limit"
              .formatted(name, volumes));
    }
    long weight =
        weight(options) + all.stream().mapToLong(status -> weight(status.volume().options())).sum();
    if (weight > MOST_TEXT) {
      throw new VolumeException.Failed(
          "cannot create volume %s: the options and labels of all volumes would take more than %d MiB of memory; remove volumes that nobody needs, or give fewer labels"
              .formatted(name, MOST_TEXT >> 20));
    }
  }

  private static long weight(VolumeOptions options) {
    return options.texts().entrySet().stream()
        .mapToLong(option -> EACH + option.getKey().length() + option.getValue().length())
        .sum();
  }
}
