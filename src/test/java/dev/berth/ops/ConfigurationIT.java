package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.AdminClient;
import dev.berth.testing.BedOptions;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Output;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every setting in the README's table does something, and a wrong value keeps Berth from starting.
 */
@RequiresSystem(engine = false)
class ConfigurationIT {
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("BERTH_RESERVE", "5MiB"),
          Map.entry("BERTH_LINGER", "1h"),
          Map.entry("BERTH_SWEEP_INTERVAL", "1s"),
          Map.entry("BERTH_TRIM_INTERVAL", "1s"),
          Map.entry("BERTH_LEDGER", "sqlite"),
          Map.entry("BERTH_HOST_ID", "configured-host"),
          Map.entry("BERTH_DEFAULTS_SIZE", "65MiB"),
          Map.entry("BERTH_DEFAULTS_ON_REMOVE", "retain"),
          Map.entry("BERTH_LIMITS_LONG_CALL", "10s"),
          Map.entry("BERTH_LIMITS_SHORT_CALL", "2s"),
          Map.entry("BERTH_LIMITS_VOLUMES", "50"),
          Map.entry("BERTH_LOG_LEVEL", "DEBUG"),
          Map.entry("BERTH_JAVA_OPTIONS", "-Dconfigured.berth=yes"));

  /** Those that every test sets. */
  private static final Set<String> ELSEWHERE =
      Set.of("BERTH_SOCKET", "BERTH_ROOT", "BERTH_STOP_TIMEOUT", "QUARKUS_MANAGEMENT_PORT");

  @RegisterExtension static final TestBed BED = new TestBed(options());

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PluginClient client = BED.client();
  private final AdminClient admin = new AdminClient(BED.berth().socket());

  private static BedOptions options() {
    BedOptions options = BedOptions.berthOnly();
    for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
      options = options.with(setting.getKey(), setting.getValue());
    }
    return options.with("BERTH_LINGRE", "1s");
  }

  @Test
  @DisplayName("The README's table has the settings that are tested here, and those of the clouds")
  void tableIsTested() {
    Set<String> documented = new TreeSet<>();
    Pattern variable = Pattern.compile("`((?:BERTH|QUARKUS)_[A-Z_]+)(?:<OPTION>)?`");
    Traces.read(Path.of("README.md"))
        .lines()
        .filter(line -> line.startsWith("| `BERTH_") || line.startsWith("| `QUARKUS_"))
        .filter(line -> !line.matches(". `BERTH_(EBS|S3)_.*"))
        .forEach(
            line ->
                variable
                    .matcher(line.split("\\|", -1)[1])
                    .results()
                    .forEach(found -> documented.add(found.group(1).replaceAll("_$", ""))));
    Set<String> tested = new TreeSet<>(ELSEWHERE);
    SETTINGS.keySet().forEach(name -> tested.add(name.replaceAll("(DEFAULTS)_.*", "$1")));
    assertThat(tested).containsExactlyElementsOf(documented);
  }

  @Test
  @DisplayName("BERTH_DEFAULTS_…, BERTH_HOST_ID, BERTH_LINGER and BERTH_SWEEP_INTERVAL")
  void volumesFollowTheSettings() {
    client.create("conf", Map.of()).orFail();
    assertThat(admin.get("volumes/conf").path("options").path("size").asText()).isEqualTo("65MiB");
    assertThat(admin.get("volumes/conf").path("options").path("onRemove").asText())
        .isEqualTo("retain");
    client.create("conf-own", Map.of("size", "66MiB", "onRemove", "delete")).orFail();
    assertThat(admin.get("volumes/conf-own").path("options").path("size").asText())
        .isEqualTo("66MiB");
    client.mount("conf", "x").orFail();
    assertThat(admin.get("volumes/conf").path("owner").asText()).isEqualTo("configured-host");
    await().atMost(LIMIT).until(() -> admin.get("volumes/conf").path("used").asLong() > 0);
    client.unmount("conf", "x").orFail();
    assertThat(BED.mounted("conf")).isTrue();
  }

  @Test
  @DisplayName("BERTH_LIMITS_LONG_CALL and BERTH_LIMITS_SHORT_CALL: what takes longer is said so")
  void limits() {
    client.create("slow", Map.of("onRemove", "delete")).orFail();
    BED.tools().hold("mkfs.ext4", "/slow.");
    assertThat(client.mount("slow", "x").failed().error()).contains("slow");
    assertThat(client.remove("slow").failed().error()).contains("slow");
    BED.tools().clear();
    client.mount("slow", "x").orFail();
  }

  @Test
  @DisplayName("BERTH_LOG_LEVEL, BERTH_JAVA_OPTIONS and BERTH_ROOT")
  void process() {
    client.create("logged", Map.of("onRemove", "delete")).orFail();
    client.mount("logged", "x").orFail();
    Path log = Path.of("target/system-test-logs/ConfigurationIT/berth.log");
    assertThat(Traces.read(log)).containsPattern("DEBUG .*mkfs.ext4");
    assertThat(Traces.read(Path.of("/proc", "" + BED.berth().pid(), "cmdline")))
        .contains("-Dconfigured.berth=yes");
    assertThat(BED.root().resolve("ledger.db")).exists();
    String unknown = "BERTH_LINGRE is not a setting of Berth and changes nothing; did you mean";
    assertThat(Traces.read(log)).contains(unknown + " BERTH_LINGER?");
  }

  @Test
  @DisplayName("BERTH_CONFIG names a file of properties; a variable goes before it")
  void propertiesFile() throws IOException {
    Path file = BED.work().resolve("berth.properties");
    Files.writeString(file, "berth.host-id=from-file\nberth.defaults.size=67MiB\n");
    Map<String, String> settings =
        Map.of("BERTH_CONFIG", file.toString(), "BERTH_HOST_ID", "from-variable");
    Path socket = BED.work().resolve("other.sock");
    BerthProcess other =
        new BerthProcess(
            BED.work().resolve("other"),
            socket,
            Path.of("target/system-test-logs/ConfigurationIT/other.log").toAbsolutePath(),
            settings);
    other.start();
    try {
      other.client().create("file", Map.of()).orFail();
      AdminClient asked = new AdminClient(socket);
      assertThat(asked.get("volumes/file").path("options").path("size").asText())
          .isEqualTo("67MiB");
      other.client().mount("file", "x").orFail();
      assertThat(asked.get("volumes/file").path("owner").asText()).isEqualTo("from-variable");
      other.client().unmount("file", "x").orFail();
      asked.post("volumes/file/release", Map.of("force", false));
      other.client().remove("file").orFail();
    } finally {
      other.stop();
    }
  }

  @ParameterizedTest(name = "{0}={1}")
  @DisplayName("A wrong value keeps Berth from starting, and is named")
  @CsvSource({
    "BERTH_RESERVE, much, berth.reserve=much",
    "BERTH_LINGER, soon, berth.linger=soon",
    "BERTH_LINGER, -5s, berth.linger",
    "BERTH_SWEEP_INTERVAL, 0s, berth.sweep-interval",
    "BERTH_TRIM_INTERVAL, 0s, berth.trim-interval",
    "BERTH_LEDGER, nonsense, berth.ledger=nonsense",
    "BERTH_DEFAULTS_SISE, 1, berth.defaults.sise",
    "BERTH_DEFAULTS_SIZE, much, berth.defaults: option size: 'much'",
    "BERTH_DEFAULTS_BACKEND, nope, berth.defaults: unknown backend 'nope'",
    "BERTH_LIMITS_LONG_CALL, x, berth.limits.long-call=x",
    "BERTH_LIMITS_SHORT_CALL, 0s, berth.limits.short-call",
    "BERTH_LIMITS_VOLUMES, 0, berth.limits.volumes",
    "BERTH_LOG_LEVEL, LOUD, LOUD",
    "QUARKUS_MANAGEMENT_PORT, many, quarkus.management.port=many",
    "BERTH_EBS_DEVICES, nonsense, berth.ebs.devices=nonsense",
    "BERTH_S3_CLIENTS, nope, berth.s3.clients",
    "BERTH_S3_MEMORY_LIMIT, much, berth.s3.memory-limit=much",
    "BERTH_S3_PROBE_INTERVAL, soon, berth.s3.probe-interval=soon",
    "BERTH_SOCKET, WORK/file, WORK/file is there and is no socket",
    "BERTH_SOCKET, WORK/LONG, is too long",
    "BERTH_ROOT, WORK/file, WORK/file cannot be made",
    "BERTH_ROOT, /proc/self, which cannot hold volumes",
    "BERTH_CONFIG, /absent.properties, /absent.properties",
    "BERTH_CONFIG, WORK/file, must end in .properties",
    "BERTH_CONFIG, WORK/typo.properties, no setting berth.lingre",
  })
  void wrongValue(String variable, String value, String expected) throws IOException {
    Path work = Files.createDirectories(BED.work().resolve("wrong"));
    Files.writeString(work.resolve("file"), "");
    Files.writeString(work.resolve("typo.properties"), "berth.lingre=5s\n");
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("BERTH_ROOT", work.resolve("root").toString());
    environment.put("BERTH_SOCKET", work.resolve("s.sock").toString());
    environment.put("QUARKUS_MANAGEMENT_PORT", "0");
    environment.put(
        variable, value.replace("WORK", work.toString()).replace("LONG", "x".repeat(120)));
    Output output =
        Run.of(BerthProcess.launcher().toString(), "serve").with(environment).within(LIMIT).run();
    assertThat(output.status()).as(output.describe()).isEqualTo(1);
    assertThat(output.err())
        .contains(expected.replace("WORK", work.toString()))
        .doesNotContain("Exception")
        .doesNotContain("SRCFG");
    assertThat(output.err().lines()).hasSize(1);
  }
}
