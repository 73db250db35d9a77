package dev.berth.backend.ebs;

import dev.berth.host.RealPath;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Which EC2 this host belongs to, and how its volumes show here. */
@ConfigMapping(prefix = "berth")
public interface EbsConfig {
  /** Loopback devices keep their files in {@code <root>/ebs}. */
  @WithConverter(RealPath.class)
  Path root();

  /** This instance's id, if it is one of EC2; else the instance metadata service is asked. */
  Optional<String> hostId();

  /** What concerns this backend only. */
  Ebs ebs();

  /** See {@link #ebs}. */
  interface Ebs {
    /** Instead of Amazon's; {@link #devices} has to be given with it. */
    Optional<URI> endpoint();

    /** {@link Devices#SYSTEM} if absent. */
    Optional<Devices> devices();

    /** This instance's region; else the instance metadata service is asked. */
    Optional<String> region();

    /** This instance's availability zone; else the instance metadata service is asked. */
    Optional<String> availabilityZone();

    /**
     * How long an attachment may hang in {@code attaching} before it is undone and asked for again,
     * under another device name.
     */
    @WithDefault("90s")
    Duration stuckAfter();

    /** Whether {@code onRemove=delete} holds for volumes that Berth did not make. */
    @WithDefault("false")
    boolean deleteAdopted();

    /** Where the kernel describes its disks. */
    @WithDefault("/sys/block")
    Path sysfs();

    /** Where their device nodes are. */
    @WithDefault("/dev")
    Path deviceNodes();
  }

  /** What an attached volume is on this host. */
  enum Devices {
    /** A disk that the system shows. */
    SYSTEM,

    /** A loop device over a file: emulated clouds attach nothing. */
    LOOPBACK
  }
}
