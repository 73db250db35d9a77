package dev.berth.lifecycle;

import dev.berth.backend.SizeConverter;
import dev.berth.volume.ByteSize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** How volumes live on this host. */
@ConfigMapping(prefix = "berth")
public interface LifecycleConfig {
  /** Where everything of Berth's lies on this host. */
  Path root();

  /** How much has to be free there for a create or a first mount to be begun. */
  @WithDefault("64MiB")
  @WithConverter(SizeConverter.class)
  ByteSize reserve();

  /** The id of this host; the EC2 instance id if absent, or the machine id outside EC2. */
  Optional<String> hostId();

  /** How long an unused volume stays mounted after its last Mount or Unmount. */
  @WithDefault("5s")
  Duration linger();

  /** How often what is left over is looked for, and how often usage is measured. */
  @WithDefault("30s")
  Duration sweepInterval();

  /** How often volumes that stay mounted give back the space of what was deleted in them. */
  @WithDefault("1h")
  Duration trimInterval();

  /** Values of options that a create leaves out, by option name. */
  Map<String, String> defaults();

  /** Within which time calls are answered. The engine gives up after 120 and 60 seconds. */
  Limits limits();

  /** See {@link #limits}. */
  interface Limits {
    /** Create and Mount. */
    @WithDefault("110s")
    Duration longCall();

    /** All other calls. */
    @WithDefault("50s")
    Duration shortCall();

    /** How many volumes there may be. */
    @WithDefault("100000")
    int volumes();
  }
}
