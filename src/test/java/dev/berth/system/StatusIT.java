package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code docker volume inspect} shows under Status. */
@Rule(2)
@RequiresSystem
class StatusIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine()
              .with("BERTH_SWEEP_INTERVAL", "1s")
              .with("BERTH_HOST_ID", "status-host"));

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long MIB = 1L << 20;

  private final Containers containers = BED.containers();

  @Test
  @DisplayName(
      "Size, used, filesystem, device, owner, holders and state, while it is used and after")
  void usedVolume() {
    containers.create("status");
    assertThat(status("status").path("state").asText()).isEqualTo("ready");
    assertThat(status("status").path("backend").asText()).isEqualTo("loop");
    assertThat(status("status").path("size").asText()).isEqualTo("64MiB");
    assertThat(status("status").path("mounted").asBoolean()).isFalse();
    assertThat(status("status").has("device")).isFalse();
    assertThat(status("status").has("lastError")).isFalse();
    assertThat(status("status").path("holders")).isEmpty();
    containers.start("status-user", "status");
    containers.exec("status-user", "dd if=/dev/zero of=/m/f bs=1M count=8; sync");
    JsonNode used = status("status");
    assertThat(used.path("mounted").asBoolean()).isTrue();
    assertThat(used.path("filesystem").asText()).isEqualTo("ext4");
    assertThat(new Traces(BED.root()).loopDevices().get(used.path("device").asText()))
        .isEqualTo(BED.images("status").getFirst().toString());
    assertThat(used.path("owner").asText()).isEqualTo("status-host");
    assertThat(used.path("holders")).hasSize(1);
    assertThat(used.path("holders").get(0).asText()).matches("[0-9a-f]{64}");
    await().atMost(LIMIT).until(() -> status("status").path("used").asLong() >= 8 * MIB);
    assertThat(status("status").path("used").asLong()).isLessThan(64 * MIB);
    containers.remove("status-user");
    BED.awaitReleased("status");
    await().atMost(LIMIT).until(() -> !status("status").path("mounted").asBoolean());
    assertThat(status("status").path("holders")).isEmpty();
  }

  @Test
  @DisplayName("The last error is shown until the volume works again")
  void lastError() {
    containers.create("status-bad");
    BED.tools().fail("mkfs.ext4", "/status-bad.", "the disk is made of cheese");
    assertThat(containers.tryRun("status-bad", "true").succeeded()).isFalse();
    assertThat(status("status-bad").path("lastError").asText())
        .contains("status-bad")
        .contains("the disk is made of cheese");
    assertThat(status("status-bad").path("state").asText()).isEqualTo("ready");
    BED.tools().clear();
    containers.run("status-bad", "true");
    assertThat(status("status-bad").has("lastError")).isFalse();
  }

  private JsonNode status(String volume) {
    try {
      return new ObjectMapper().readTree(containers.inspect(volume, "{{json .Status}}"));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
