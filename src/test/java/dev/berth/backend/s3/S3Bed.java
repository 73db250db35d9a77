package dev.berth.backend.s3;

import dev.berth.host.Daemons;
import dev.berth.host.FuseConnections;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.volume.ByteSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A store and backends that use it, for the tests of a class; nothing may be left at the end. */
@SuppressWarnings("NullAway.Init")
final class S3Bed implements BeforeAllCallback, AfterAllCallback {
  private static final String PROFILES = "aws.sharedCredentialsFile";

  private final S3Store store = new S3Store();
  private Path work;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    work = Files.createTempDirectory("berth-s3-");
    store.start(work.resolve("store"));
    System.setProperty(PROFILES, store.profiles().toString());
    System.setProperty("aws.disableEc2Metadata", "true");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.clearProperty(PROFILES);
    store.stop();
    try {
      new LeftoverCheck(work).failIfAny();
    } finally {
      Run.of("rm", "-rf", "--one-file-system", "--", work.toString()).succeed();
    }
  }

  S3Store store() {
    return store;
  }

  Path work() {
    return work;
  }

  /** Berth's root, one for all backends. */
  Path root() {
    return work.resolve("root");
  }

  /** As after another start of Berth. */
  S3Backend backend() {
    return backend(Clock.systemUTC());
  }

  S3Backend backend(Clock clock) {
    return backend(System.getenv("PATH"), config(), clock);
  }

  S3Backend backend(String path, S3Config config) {
    return backend(path, config, Clock.systemUTC());
  }

  private static S3Backend backend(String path, S3Config config, Clock clock) {
    ProcessCommandRunner runner = new ProcessCommandRunner(path);
    Mounts mounts = new Mounts(runner);
    S3Tools tools =
        new S3Tools(runner, mounts, new Daemons(runner), new FuseConnections(mounts), config);
    return new S3Backend(tools, config, clock);
  }

  S3Config config() {
    return new Settings(
        root(),
        Optional.of(S3Store.BUCKET),
        Optional.of(store.endpoint().toString()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(ClientKind.values()),
        ByteSize.parse("1GiB"),
        Duration.ofSeconds(1));
  }

  /** A configuration. */
  record Settings(
      Path root,
      Optional<String> bucket,
      Optional<String> endpoint,
      Optional<List<String>> endpoints,
      Optional<String> region,
      Optional<Boolean> pathStyle,
      List<ClientKind> clients,
      ByteSize memoryLimit,
      Duration probeInterval)
      implements S3Config, S3Config.Store {
    @Override
    public S3Config.Store s3() {
      return this;
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
