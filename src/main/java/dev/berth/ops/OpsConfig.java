package dev.berth.ops;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;

/** Where Berth listens and keeps its state, and which ledger it uses. */
@ConfigMapping(prefix = "berth")
public interface OpsConfig {
  Path socket();

  Path root();

  /** The {@code @Identifier} of an implementation of the ledger. */
  String ledger();

  String buildId();
}
