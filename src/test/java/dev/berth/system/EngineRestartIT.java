package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The engine stopped, killed and started again while Berth stays. */
@Rule(7)
@Tag("any-backend")
@RequiresSystem
class EngineRestartIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  @Test
  @DisplayName("19: driver, labels, options and data are there after a restart of the engine")
  void case19_engineRestarted() {
    create("c19");
    containers.run("c19", "echo kept > /m/f");
    engine.stop();
    engine.start();
    assertThat(containers.inspect("c19", "{{.Driver}} {{.Labels.team}} {{.Options.size}}"))
        .isEqualTo(BED.driver() + " db 80MiB");
    assertThat(containers.run("c19", "cat /m/f").text()).isEqualTo("kept");
  }

  private void create(String volume) {
    engine.docker(
        "volume", "create", "-d", BED.driver(), "--label", "team=db", "-o", "size=80MiB", volume);
  }

  @Test
  @DisplayName("50: after the engine was killed, the container starts again and lets go at its end")
  void case50_engineKilledContainerStartedAgain() {
    containers.start("c50-user", "c50");
    containers.exec("c50-user", "echo kept > /m/f");
    engine.kill();
    engine.start();
    engine.docker("start", "c50-user");
    assertThat(containers.exec("c50-user", "cat /m/f").text()).isEqualTo("kept");
    containers.stop("c50-user");
    BED.awaitReleased("c50");
    engine.docker("rm", "c50-user");
    engine.docker("volume", "rm", "c50");
    assertThat(BED.images("c50")).isEmpty();
  }

  @Test
  @DisplayName("51: after the engine was killed, a volume never used again can be removed")
  void case51_engineKilledContainerRemoved() {
    containers.start("c51-user", "c51");
    engine.kill();
    engine.start();
    engine.docker("rm", "--force", "c51-user");
    engine.docker("volume", "rm", "c51");
    BED.awaitReleased("c51");
    assertThat(BED.images("c51")).isEmpty();
    assertThat(BED.client().names()).doesNotContain("c51");
  }

  @Test
  @Tag("loop")
  @DisplayName("61: with the data out of reach the engine restarts and keeps its labels")
  void case61_backendOutOfReach() throws IOException {
    create("c61");
    containers.run("c61", "echo kept > /m/f");
    BED.awaitReleased("c61");
    Path image = BED.images("c61").getFirst();
    Path away = Files.move(image, image.resolveSibling("away"));
    engine.stop();
    engine.start();
    assertThat(containers.inspect("c61", "{{.Labels.team}} {{.Options.size}}"))
        .isEqualTo("db 80MiB");
    assertThat(engine.docker("volume", "ls", "--quiet").lines()).contains("c61");
    Output failed = containers.tryRun("c61", "true");
    assertThat(failed.succeeded()).isFalse();
    assertThat(failed.err()).contains("c61");
    assertThat(containers.inspect("c61", "{{.Labels.team}}")).isEqualTo("db");
    Files.move(away, image);
    assertThat(containers.run("c61", "cat /m/f").text()).isEqualTo("kept");
  }
}
