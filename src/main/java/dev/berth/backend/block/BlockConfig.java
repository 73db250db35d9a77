package dev.berth.backend.block;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;

/** Where block volumes are mounted: {@code <berth.root>/mnt/<name>}. */
@ConfigMapping(prefix = "berth")
public interface BlockConfig {
  Path root();
}
