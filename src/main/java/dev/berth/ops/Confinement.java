package dev.berth.ops;

import dev.berth.host.Capability;
import dev.berth.host.HostException;
import dev.berth.host.MountNamespaces;
import dev.berth.lifecycle.CallerCheck;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * What a service manager or a container may have taken from Berth: a place in the mount namespace
 * and the pid namespace of the engine, and rights.
 */
@ApplicationScoped
public class Confinement {
  private static final Logger LOG = Logger.getLogger(Confinement.class);

  /** What does not work without each; without the one that is not here, nothing does. */
  private static final Map<Capability, String> LOST =
      Map.of(
          Capability.SYS_PTRACE, "clients that die are not replaced in running containers",
          Capability.SYS_CHROOT, "clients that die are not replaced in running containers",
          Capability.SYS_RESOURCE, "ext4 cannot be grown while it is mounted",
          Capability.KILL, "clients that hang cannot be ended",
          Capability.CHOWN, "the option uid and gid of volumes fail",
          Capability.FOWNER, "the option mode of volumes fails where uid is given",
          Capability.FSETID, "the option mode of volumes loses its setgid bit",
          Capability.DAC_OVERRIDE, "volumes whose files belong to others may fail to mount");

  private final MountNamespaces namespaces = new MountNamespaces();
  private final CallerCheck callers;
  private final Path mounts;

  public Confinement(CallerCheck callers, OpsConfig config) {
    this.callers = callers;
    mounts = config.root().resolve("mnt");
  }

  List<Finding> all() {
    return List.of(mounts(), processes(), capabilities(Capability.missing()));
  }

  /** Says what is wrong; {@link IllegalStateException} if nothing could be mounted at all. */
  void checkAtStart() {
    Finding rights = capabilities(Capability.missing());
    if (rights.severity() == Finding.Severity.ERROR && isRoot()) {
      throw new IllegalStateException(rights.message());
    }
    all().stream()
        .filter(finding -> finding.severity() != Finding.Severity.OK)
        .forEach(finding -> LOG.warn(finding.message()));
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Whether the engine sees what is mounted. As long as it has not called, process 1 stands for it;
   * each Mount asks for the process that called.
   */
  private Finding mounts() {
    Optional<String> hidden = callers.hidden();
    if (hidden.isPresent()) {
      return Finding.error("mounts", hidden.get());
    }
    try {
      return namespaces.arePassedOnToFirst(existing(mounts))
          ? Finding.ok("mounts", "the host sees what is mounted in %s".formatted(mounts))
          : Finding.warning(
              "mounts",
              "process 1 of this host does not see what Berth mounts in %s, which is in another mount namespace: Mounts are refused unless the engine is in Berth's own. Run Berth's unit without PrivateMounts=, PrivateTmp=, ProtectSystem= and their like, its container with the root as a volume with ':rshared'"
                  .formatted(mounts));
    } catch (HostException e) {
      return Finding.error("mounts", e.getMessage());
    }
  }

  /** The directory itself is made with the first volume. */
  private static Path existing(Path directory) {
    Path there = directory;
    while (there.getParent() != null && Files.notExists(there)) {
      there = there.getParent();
    }
    return there;
  }

  private Finding processes() {
    String why =
        "so it cannot tell who uses a volume and refuses to mount and to release any; run it with the host's pid namespace, as a container with --pid=host";
    return switch (callers.processes()) {
      case YES -> Finding.ok("processes", "the processes of the engine are seen");
      case NO ->
          Finding.error("processes", "Berth does not see the processes of the engine, " + why);
      case NOT_KNOWN ->
          Finding.warning(
              "processes",
              "Berth is not in the host's pid namespace; if the engine is not in Berth's, Berth does not see its processes, "
                  + why);
    };
  }

  static Finding capabilities(Set<Capability> missing) {
    if (missing.contains(Capability.SYS_ADMIN)) {
      return Finding.error(
          "capabilities",
          "Berth lacks %s and can mount nothing: run it as root, its container with --cap-add=SYS_ADMIN, its unit with that in CapabilityBoundingSet="
              .formatted(Capability.SYS_ADMIN));
    }
    return missing.isEmpty()
        ? Finding.ok("capabilities", "Berth has all that it needs")
        : Finding.warning(
            "capabilities",
            missing.stream()
                .sorted(Comparator.naturalOrder())
                .map(lost -> "without %s %s".formatted(lost, LOST.get(lost)))
                .collect(Collectors.joining("; ")));
  }
}
