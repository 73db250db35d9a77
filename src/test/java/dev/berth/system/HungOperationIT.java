package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.AdminClient;
import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Berth is stopped while something hangs that it would wait for much longer. */
@RequiresSystem(engine = false)
class HungOperationIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.berthOnly().with("BERTH_STOP_TIMEOUT", "2s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("A stop names what does not end, and the next start finishes it")
  void aStopEndsBeforeWhatHangs() {
    client.create("hung-source", Map.of()).orFail();
    client.mount("hung-source", "x").orFail();
    client.unmount("hung-source", "x").orFail();
    BED.awaitReleased("hung-source");
    BED.tools().hold("cp", "/hung-source.");
    Future<?> create =
        Async.start(() -> client.create("hung", Map.of("sourceVolume", "hung-source")));
    await().atMost(LIMIT).until(() -> BED.tools().hits("cp", "/hung-source.") == 1);
    BED.berth().terminate();
    BED.berth().awaitEnd(LIMIT);
    assertThat(BED.berth().lastWords())
        .contains("its next start takes that up: volume hung: create");
    await().atMost(LIMIT).until(create::isDone);
    BED.tools().clear();
    BED.berth().start();
    AdminClient admin = new AdminClient(BED.berth().socket());
    await()
        .atMost(LIMIT)
        .until(() -> admin.get("volumes/hung").path("state").asText().equals("ready"));
  }
}
