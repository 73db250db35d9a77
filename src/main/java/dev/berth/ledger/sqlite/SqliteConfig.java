package dev.berth.ledger.sqlite;

import dev.berth.host.RealPath;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import java.nio.file.Path;

/** Where the file lies: {@code <berth.root>/ledger.db}. */
@ConfigMapping(prefix = "berth")
interface SqliteConfig {
  @WithConverter(RealPath.class)
  Path root();
}
