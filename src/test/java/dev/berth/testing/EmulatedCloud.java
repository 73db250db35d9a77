package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The emulated clouds that the README tells users to try Berth with, started as it says. {@code
 * BERTH_LOCALSTACK_HOME} names the Python environment that both come from; it is made if it is not
 * there.
 */
public final class EmulatedCloud implements Cloud {
  private static final Path SCRIPTS = Path.of("deploy", "localstack");
  private static final Duration INSTALL_AND_START = Duration.ofMinutes(20);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final Pattern SETTING = Pattern.compile("(\\w+)=(\\S+)");

  private final boolean localStack;
  private final int port = Ports.free();
  private final Map<String, String> settings = new HashMap<>();
  private @Nullable Process process;

  private EmulatedCloud(boolean localStack) {
    this.localStack = localStack;
  }

  public static EmulatedCloud localStack() {
    return new EmulatedCloud(true);
  }

  public static EmulatedCloud moto() {
    return new EmulatedCloud(false);
  }

  /** The Python environment. */
  private static Path home() {
    return Optional.ofNullable(System.getenv("BERTH_LOCALSTACK_HOME"))
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache/berth/localstack"));
  }

  @Override
  public void start(Path directory) {
    Run.of(script("start.sh"), "install").with(home(Map.of())).within(INSTALL_AND_START).succeed();
    try {
      Files.createDirectories(directory);
      process =
          builder(directory)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("cloud.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the emulated cloud", e);
    }
    Output made =
        Run.of(script("instance.sh"), endpoint().toString()).within(INSTALL_AND_START).succeed();
    Matcher setting = SETTING.matcher(made.out());
    while (setting.find()) {
      settings.put(setting.group(1), setting.group(2));
    }
  }

  private ProcessBuilder builder(Path directory) {
    List<String> line =
        localStack
            ? List.of(script("start.sh"), "" + port)
            : List.of(
                home().resolve("bin/moto_server").toString(), "-H", "127.0.0.1", "-p", "" + port);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder
        .environment()
        .putAll(home(Map.of("BERTH_LOCALSTACK_STATE", directory.resolve("state").toString())));
    return builder;
  }

  private static Map<String, String> home(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("BERTH_LOCALSTACK_HOME", home().toString());
    return all;
  }

  private static String script(String name) {
    return SCRIPTS.resolve(name).toAbsolutePath().toString();
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** A client of it, with the settings that Berth has. */
  public EmulatedEc2 ec2() {
    return new EmulatedEc2(endpoint(), Objects.requireNonNull(settings.get("BERTH_EBS_REGION")));
  }

  @Override
  public Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  @Override
  public void stop() {
    if (process == null) {
      return;
    }
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
