package dev.berth.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Metrics;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Prometheus reads, under the names the README has. */
@RequiresSystem(engine = false)
class MetricsIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final String COUNT = "berth_calls_seconds_count";
  private static final String SUM = "berth_calls_seconds_sum";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("Calls are counted and timed, by call and outcome")
  void calls() {
    Metrics before = read();
    client.create("calls", Map.of()).orFail();
    client.create("calls2", Map.of("size", "much")).failed();
    client.get("absent").failed();
    client.call("VolumeDriver.Nonsense", "{}").failed();
    client.send(PluginClient.request("GET", "v1/volumes/absent", "", Map.of()));
    client.send(PluginClient.request("GET", "v1/volumes", "", Map.of()));
    BED.tools().fail("mkfs.ext4", "/calls.");
    client.mount("calls", "x").failed();
    BED.tools().clear();
    BED.tools().delayBefore("mkfs.ext4", "/calls.", Duration.ofSeconds(1));
    client.mount("calls", "x").orFail();
    assertThat(grown(before, COUNT, "VolumeDriver.Create", "ok")).isEqualTo(1);
    assertThat(grown(before, COUNT, "VolumeDriver.Create", "invalid")).isEqualTo(1);
    assertThat(grown(before, COUNT, "VolumeDriver.Get", "notfound")).isEqualTo(1);
    assertThat(grown(before, COUNT, "VolumeDriver.Mount", "failed")).isEqualTo(1);
    assertThat(grown(before, COUNT, "VolumeDriver.Mount", "ok")).isEqualTo(1);
    assertThat(grown(before, COUNT, "other", "nosuchcall")).isEqualTo(1);
    assertThat(grown(before, COUNT, "admin", "refused")).isEqualTo(1);
    assertThat(grown(before, COUNT, "admin", "ok")).isEqualTo(1);
    assertThat(grown(before, SUM, "VolumeDriver.Mount", "ok")).isGreaterThanOrEqualTo(1);
  }

  @Test
  @DisplayName("Volumes, mounts, operations and troubles are shown as they are now")
  void volumes() {
    client.create("vol1", Map.of()).orFail();
    client.create("vol2", Map.of()).orFail();
    assertThat(read().sum("berth_volumes", "state=\"ready\"")).isEqualTo(2);
    assertThat(read().sum("berth_mounts")).isZero();
    BED.tools().hold("mkfs.ext4", "/vol1.");
    Future<Reply> mount = Async.start(() -> client.mount("vol1", "x"));
    await().atMost(LIMIT).until(() -> BED.tools().hits("mkfs.ext4", "/vol1.") == 1);
    assertThat(read().sum("berth_operations")).isEqualTo(1);
    assertThat(read().sum("berth_calls_in_flight")).isEqualTo(1);
    BED.tools().clear();
    Async.get(mount, LIMIT).orFail();
    assertThat(read().sum("berth_mounts")).isEqualTo(1);
    assertThat(read().sum("berth_operations")).isZero();
    BED.tools().fail("mkfs.ext4", "/vol2.");
    client.mount("vol2", "x").failed();
    assertThat(read().sum("berth_troubles")).isEqualTo(1);
    BED.tools().clear();
    client.mount("vol2", "x").orFail();
    assertThat(read().sum("berth_troubles")).isZero();
    assertThat(read().sum("berth_mounts")).isEqualTo(2);
  }

  @Test
  @DisplayName("What callers send does not become the name of a metric")
  void namesAreBounded() {
    for (String path : new String[] {"VolumeDriver.Zero", "Plugin.X", "v1/zero", "zero"}) {
      client.send(PluginClient.request(path, "{}"));
    }
    assertThat(read().text()).doesNotContainIgnoringCase("zero").doesNotContain("Plugin.X");
  }

  @Test
  @DisplayName("The README names every metric, and no other")
  void readmeNamesThemAll() {
    client.create("named", Map.of()).orFail();
    Set<String> shown =
        found("(?m)^# TYPE (berth_\\w+) ", read().text()).stream()
            .filter(name -> !name.endsWith("_max"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(found("`(berth_\\w+)`", Traces.read(Path.of("README.md"))))
        .containsExactlyInAnyOrderElementsOf(shown);
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Metrics read() {
    return new Metrics(
        given()
            .port(BED.berth().managementPort())
            .accept("text/plain")
            .get("/q/metrics")
            .then()
            .statusCode(200)
            .extract()
            .asString());
  }

  private static double grown(Metrics before, String name, String call, String outcome) {
    String[] tags = {"call=\"%s\"".formatted(call), "outcome=\"%s\"".formatted(outcome)};
    double now = read().sum(name, tags);
    return before.text().contains(tags[0] + "," + tags[1]) ? now - before.sum(name, tags) : now;
  }
}
