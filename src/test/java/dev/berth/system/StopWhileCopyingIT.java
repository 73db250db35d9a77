package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.AdminClient;
import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Connection;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Berth is stopped in the middle of a copy, whose source is frozen. */
@RequiresSystem(engine = false)
class StopWhileCopyingIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .with("BERTH_LIMITS_LONG_CALL", "8s")
              .with("BERTH_LIMITS_SHORT_CALL", "8s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PluginClient client = BED.client();

  @AfterEach
  void thaw() {
    for (String volume : List.of("finished", "given-up")) {
      Run.of("fsfreeze", "--unfreeze", BED.mountpoint(volume).toString()).run();
    }
  }

  @Test
  @DisplayName("A clone whose caller was sent away is finished before Berth ends")
  void finished() {
    prepare("finished");
    Map<String, String> options = Map.of("sourceVolume", "finished", "onRemove", "delete");
    assertThat(client.create("clone", options).failed().error()).contains("still in progress");
    awaitCopy("finished");
    BED.berth().terminate();
    Async.pause(Duration.ofSeconds(2));
    assertThat(BED.berth().isRunning()).as("waits for the copy").isTrue();
    BED.tools().clear();
    BED.berth().awaitEnd(LIMIT);
    assertWritable("finished");
    BED.berth().start();
    assertThat(admin().get("volumes/clone").path("state").asText()).isEqualTo("ready");
    assertThat(BED.tools().runs("cp", "/finished.")).as("copied once").isEqualTo(1);
  }

  @Test
  @DisplayName("A snapshot that takes too long is given up, and its volume is not left frozen")
  void givenUp() throws IOException {
    prepare("given-up");
    try (Connection connection = Connection.open(BED.berth().socket())) {
      connection.write(request("given-up"));
      awaitCopy("given-up");
      BED.berth().terminate();
      BED.berth().awaitEnd(LIMIT);
    }
    assertWritable("given-up");
    BED.tools().clear();
    BED.berth().start();
    assertThat(snapshotsOf("given-up")).isZero();
  }

  private void prepare(String volume) {
    client.create(volume, Map.of("onRemove", "delete")).orFail();
    client.mount(volume, "x").orFail();
    BED.tools().hold("cp", "/" + volume + ".");
  }

  private static byte[] request(String volume) {
    return PluginClient.request(
        "POST",
        "v1/volumes/%s/snapshots".formatted(volume),
        "{}",
        Map.of("Accept", "application/json", "Content-Type", "application/json"));
  }

  private static void awaitCopy(String volume) {
    await().atMost(LIMIT).until(() -> BED.tools().hits("cp", "/" + volume + ".") == 1);
  }

  private static void assertWritable(String volume) {
    Async.get(
        Async.start(() -> Files.writeString(BED.data(volume).resolve("f"), "written")), LIMIT);
  }

  private static AdminClient admin() {
    return new AdminClient(BED.berth().socket());
  }

  private static long snapshotsOf(String volume) {
    return admin()
        .get("snapshots")
        .valueStream()
        .filter(snapshot -> snapshot.path("volume").asText().equals(volume))
        .count();
  }
}
