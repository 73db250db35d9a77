package dev.berth.backend.loop;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;

/**
 * Where the files lie: volumes in {@code <berth.root>/loop}, snapshots in {@code
 * <berth.root>/loop/snapshots}.
 */
@ConfigMapping(prefix = "berth")
interface LoopConfig {
  Path root();
}
