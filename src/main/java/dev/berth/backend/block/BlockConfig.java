package dev.berth.backend.block;

import dev.berth.host.RealPath;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import java.nio.file.Path;

/** Where block volumes are mounted: {@code <berth.root>/mnt/<name>}. */
@ConfigMapping(prefix = "berth")
public interface BlockConfig {
  @WithConverter(RealPath.class)
  Path root();
}
