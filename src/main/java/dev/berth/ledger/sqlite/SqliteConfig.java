package dev.berth.ledger.sqlite;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;

/** Where the file lies: {@code <berth.root>/ledger.db}. */
@ConfigMapping(prefix = "berth")
interface SqliteConfig {
  Path root();
}
