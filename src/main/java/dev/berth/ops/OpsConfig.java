package dev.berth.ops;

import dev.berth.host.RealPath;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where Berth listens and keeps its state, and which ledger it uses. */
@ConfigMapping(prefix = "berth")
public interface OpsConfig {
  Path socket();

  @WithConverter(RealPath.class)
  Path root();

  /** The {@code @Identifier} of an implementation of the ledger. */
  String ledger();

  /** The build that the launcher's folder and its AOT cache were made for: {@link BuildId}'s. */
  Optional<String> launchedBuild();

  /** How long a stop waits for what is in flight, before it leaves that to the next start. */
  @WithDefault("60s")
  Duration stopTimeout();

  /** Of Berth's own messages: DEBUG shows each program that is run and each step with its time. */
  Optional<String> logLevel();
}
