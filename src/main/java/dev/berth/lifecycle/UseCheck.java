package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Observed;
import dev.berth.host.DeviceNumber;
import dev.berth.host.Holder;
import dev.berth.host.HolderWatch;
import dev.berth.host.HostException;
import dev.berth.host.MountNamespaces;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The ground truth about who uses a volume on this host: the mount namespaces, not the ids. */
@ApplicationScoped
public class UseCheck {
  private static final Logger LOG = Logger.getLogger(UseCheck.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /** A container is started in less; the sweeper tries again, and a Mount waits meanwhile. */
  static final Duration BRIEFLY = Duration.ofSeconds(2);

  /** On a busy host a container is started in that; whoever is refused has to try again. */
  static final Duration PATIENTLY = Duration.ofSeconds(10);

  private final Backends backends;
  private final MountNamespaces namespaces = new MountNamespaces();
  private final CallerCheck callers;
  private final ThisHost host;

  public UseCheck(Backends backends, CallerCheck callers, ThisHost host) {
    this.backends = backends;
    this.callers = callers;
    this.host = host;
  }

  /**
   * Everybody on this host who has the volume mounted, Berth's own mount left out. What cannot be
   * seen is {@link VolumeException.Failed}, not nobody.
   */
  List<Holder> holders(Volume volume) {
    return switch (backends.require(volume.backend()).observe(volume)) {
      case Observed.Detached detached -> List.of();
      case Observed.Attached attached ->
          holders(volume, attached.deviceNumber(), attached.device(), Path.of("/"));
      case Observed.Mounted mounted ->
          holders(volume, mounted.deviceNumber(), mounted.device(), mounted.filesystemRoot());
    };
  }

  /** Whether the volume is mounted here; if that is not known, it may be. */
  boolean mayBeMounted(Volume volume) {
    try {
      return backends.require(volume.backend()).observe(volume) instanceof Observed.Mounted;
    } catch (VolumeException e) {
      LOG.debugf(e, "volume %s: whether it is mounted is not known", volume.name());
      return true;
    }
  }

  /**
   * Refuses with {@link VolumeException.InUse}, naming the holders, if there are any. May block as
   * long as {@code patience} to see whether they are only containers that are being started.
   */
  void refuseHeld(Volume volume, Duration patience) {
    List<Holder> holders = lastingHolders(volume, patience);
    if (!holders.isEmpty()) {
      throw new VolumeException.InUse(
          "volume %s is in use on host %s by %s; stop that first"
              .formatted(
                  volume.name(),
                  host.id(),
                  holders.stream().map(Holder::toString).collect(Collectors.joining(", "))));
    }
  }

  /**
   * A container that is just being started has, for a moment, a copy of all of the host's mounts,
   * at the host's own paths; only then are they dropped. Where containers start all the time there
   * is always such a copy, each time another one: those that were there first are waited for. A
   * mount at any other path is a use.
   */
  private List<Holder> lastingHolders(Volume volume, Duration patience) {
    Path mountpoint = backends.require(volume.backend()).mountpoint(volume);
    List<Holder> holders = holders(volume);
    long end = System.nanoTime() + patience.toNanos();
    try (HolderWatch watch = HolderWatch.of(holders)) {
      while (holders.stream().allMatch(holder -> holder.isAtOrAbove(mountpoint))) {
        if (!watch.seesFirst(holders)) {
          return List.of();
        }
        if (System.nanoTime() > end) {
          return holders;
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        holders = holders(volume);
      }
      return holders;
    }
  }

  private List<Holder> holders(
      Volume volume, String deviceNumber, Optional<Path> device, Path own) {
    try {
      callers.requireSeen();
      return namespaces.holders(DeviceNumber.parse(deviceNumber), device, own);
    } catch (HostException e) {
      throw new VolumeException.Failed(
          "cannot see who uses volume %s on host %s: %s"
              .formatted(volume.name(), host.id(), e.getMessage()),
          e);
    }
  }
}
