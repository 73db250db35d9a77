package dev.berth.lifecycle;

import dev.berth.host.HostException;
import dev.berth.host.MountNamespaces;
import dev.berth.host.MountNamespaces.Sight;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Whether the engine and Berth see the same. What Berth mounts in a mount namespace of its own is,
 * to the engine, a bare directory of the host, which it would give to a container without a word;
 * and of containers in a pid namespace that Berth does not see nobody could tell what they use.
 */
@ApplicationScoped
public class CallerCheck {
  private static final Logger LOG = Logger.getLogger(CallerCheck.class);

  /** A client that is being replaced changes what is mounted between two looks. */
  private static final int LOOKS = 3;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final Caller FIRST = new Caller(1);

  private final MountNamespaces namespaces = new MountNamespaces();
  private final ThisHost host;

  private final boolean seesAll = namespaces.seesAllProcesses();
  private volatile Seen processes = seesAll ? Seen.YES : Seen.NOT_KNOWN;
  private volatile Optional<String> hidden = Optional.empty();

  public CallerCheck(ThisHost host) {
    this.host = host;
  }

  /** Whether Berth sees the processes of the engine. */
  public enum Seen {
    YES,
    /** A caller was in a pid namespace that Berth does not see; that cannot be known to be over. */
    NO,
    /** Nobody has called yet, and Berth is not in the host's pid namespace. */
    NOT_KNOWN
  }

  /** A call of the engine has come. */
  public synchronized void heardFrom(Caller caller) {
    if (!seesAll && !caller.isKnown()) {
      processes = Seen.NO;
    } else if (processes == Seen.NOT_KNOWN) {
      processes = Seen.YES;
    }
  }

  public Seen processes() {
    return processes;
  }

  /**
   * Why the last Mount that came was refused by {@link #requireShown}, without the volume's name;
   * empty if it was not.
   */
  public Optional<String> hidden() {
    return hidden;
  }

  /**
   * Refuses with {@link VolumeException.Failed} where the processes that use volumes cannot be
   * seen: who uses one could not be told.
   */
  void requireSeen() {
    if (processes != Seen.YES) {
      throw new VolumeException.Failed(
          "Berth on host %s does not see the processes of the Docker engine, so it cannot tell who uses a volume: run it in the host's pid namespace, as a container with --pid=host"
              .formatted(host.id()));
    }
  }

  /**
   * Refuses with {@link VolumeException.Failed} unless {@code caller} meets at {@code mountpoint}
   * the very mount that is there for Berth. Where it is in Berth's own mount namespace, as on most
   * hosts, that takes microseconds. Who is not known is taken for process 1.
   */
  void requireShown(Volume volume, Path mountpoint, Caller caller) {
    Optional<String> why = whyHidden(mountpoint, caller.isKnown() ? caller : FIRST);
    hidden = why;
    if (why.isPresent()) {
      throw new VolumeException.Failed(
          "volume %s cannot be given to containers on host %s from %s: %s"
              .formatted(volume.name(), host.id(), mountpoint, why.get()));
    }
  }

  private Optional<String> whyHidden(Path mountpoint, Caller caller) {
    try {
      return sight(mountpoint, caller).map(CallerCheck::text);
    } catch (HostException e) {
      return Optional.of("Berth cannot tell whether the Docker engine sees it: " + e.getMessage());
    }
  }

  private Optional<Sight> sight(Path mountpoint, Caller caller) {
    Optional<Sight> other = namespaces.otherSight(caller.pid(), mountpoint);
    for (int look = 1; other.isPresent() && look < LOOKS; look++) {
      LOG.debugf("%s is not seen by %s yet", mountpoint, other.get());
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      other = namespaces.otherSight(caller.pid(), mountpoint);
    }
    return other;
  }

  private static String text(Sight sight) {
    return ("the Docker engine does not see it: process %d, %s, has another mount namespace than Berth, and %s is there instead."
            + " Run Berth in the engine's mount namespace: its unit without PrivateMounts=, PrivateTmp=, ProtectSystem= and their like, its container with the root as a volume with ':rshared'")
        .formatted(sight.pid(), sight.command(), sight.met());
  }
}
