package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.AdminClient;
import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.SimulatedCloud;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody attaches a volume to another instance, as one does to rescue files. */
@RequiresSystem(engine = false)
class EbsRefusedRemovalIT {
  private static final SimulatedCloud CLOUD = new SimulatedCloud();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.berthOnly().in(CLOUD).with("BERTH_DEFAULTS_SIZE", "1GiB"));

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("A refused removal leaves the volume as it was, at the next start, too")
  void aRefusedRemovalIsNotDoneLater() throws IOException {
    client.create("rescued", Map.of()).orFail();
    client.mount("rescued", "x").orFail();
    Files.writeString(BED.data("rescued").resolve("f"), "kept");
    client.unmount("rescued", "x").orFail();
    BED.awaitReleased("rescued");
    String id = CLOUD.simulator().volumes().getFirst().id();
    String other = CLOUD.simulator().runInstance();
    CLOUD.simulator().attach(id, other, "/dev/sdf");
    assertThat(client.remove("rescued").failed().error())
        .contains("volume rescued", id, "attached to instance " + other);
    assertThat(state()).isEqualTo("ready");
    CLOUD.simulator().detach(id, false);
    BED.berth().stop();
    BED.berth().start();
    assertThat(state()).isEqualTo("ready");
    client.mount("rescued", "y").orFail();
    assertThat(BED.data("rescued").resolve("f")).hasContent("kept");
    client.unmount("rescued", "y").orFail();
    BED.awaitReleased("rescued");
    client.remove("rescued").orFail();
    assertThat(CLOUD.simulator().volume(id).filter(v -> !v.state().toString().startsWith("DELET")))
        .isEmpty();
  }

  private static String state() {
    return new AdminClient(BED.berth().socket()).get("volumes/rescued").path("state").asText();
  }
}
