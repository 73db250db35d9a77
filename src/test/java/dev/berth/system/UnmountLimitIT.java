package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A limit for Unmount that is soon reached. */
@Rule(5)
@RequiresSystem(engine = false)
class UnmountLimitIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .with("BERTH_LIMITS_SHORT_CALL", "3s")
              .with("BERTH_SWEEP_INTERVAL", "1s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PluginClient client = BED.client();

  @Test
  @DisplayName(
      "A flush longer than Unmount's limit goes on after the answer, and keeps the volume until it"
          + " ends")
  void flushOverTheLimit() throws IOException {
    client.create("flushed", Map.of()).orFail();
    client.mount("flushed", "x").orFail();
    Files.writeString(BED.data("flushed").resolve("kept"), "precious");
    BED.tools().wrap("sync");
    BED.tools().hold("sync", "/flushed");
    Future<Reply> unmount = Async.start(() -> client.unmount("flushed", "x"));
    await().atMost(LIMIT).until(() -> BED.tools().hits("sync", "/flushed") == 1);
    Async.get(unmount, LIMIT).orFail();
    assertThat(client.remove("flushed").failed().error()).contains("flush, ");
    assertThat(BED.mounted("flushed")).isTrue();
    BED.tools().clear("/flushed");
    BED.awaitReleased("flushed");
    await().atMost(LIMIT).during(Duration.ofSeconds(2)).until(() -> lastError().isEmpty());
    client.mount("flushed", "y").orFail();
    assertThat(Files.readString(BED.data("flushed").resolve("kept"))).isEqualTo("precious");
    client.unmount("flushed", "y").orFail();
  }

  private static String lastError() {
    return BED.client().get("flushed").orFail().volume().path("Status").path("lastError").asText();
  }
}
