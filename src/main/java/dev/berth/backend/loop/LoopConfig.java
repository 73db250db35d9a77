package dev.berth.backend.loop;

import dev.berth.host.RealPath;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import java.nio.file.Path;

/**
 * Where the files lie: volumes in {@code <berth.root>/loop}, snapshots in {@code
 * <berth.root>/loop/snapshots}.
 */
@ConfigMapping(prefix = "berth")
interface LoopConfig {
  @WithConverter(RealPath.class)
  Path root();
}
