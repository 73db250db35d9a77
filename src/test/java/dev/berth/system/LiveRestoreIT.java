package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers that outlive the engine. */
@RequiresSystem
class LiveRestoreIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().restoringLive());

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  @Test
  @DisplayName("35: after a restart the volume is in use, is shared, and can be removed in the end")
  void case35_volumeReferences() {
    containers.start("c35-user", "c35");
    containers.exec("c35-user", "echo kept > /m/f");
    engine.stop();
    assertThat(BED.mounted("c35")).isTrue();
    engine.start();
    assertThat(containers.state("c35-user")).isEqualTo("running");
    assertThat(engine.tryDocker("volume", "rm", "c35").succeeded()).isFalse();
    assertThat(containers.run("c35", "cat /m/f").text()).isEqualTo("kept");
    assertThat(containers.exec("c35-user", "cat /m/f").text()).isEqualTo("kept");
    containers.remove("c35-user");
    BED.awaitReleased("c35");
    engine.docker("volume", "rm", "c35");
    assertThat(BED.images("c35")).isEmpty();
  }

  @Test
  @DisplayName(
      "52: engine killed, then docker cp: the container keeps its data and lets go at stop")
  void case52_engineKilledThenCopy() throws IOException {
    containers.start("c52-user", "c52");
    containers.exec("c52-user", "echo kept > /m/f");
    engine.kill();
    engine.start();
    Path out = BED.work().resolve("c52-copy");
    engine.docker("cp", "c52-user:/m/f", out.toString());
    assertThat(Files.readString(out)).isEqualTo("kept\n");
    assertThat(containers.exec("c52-user", "echo more >> /m/f; cat /m/f").lines())
        .containsExactly("kept", "more");
    assertThat(containers.run("c52", "cat /m/f").lines()).containsExactly("kept", "more");
    assertThat(BED.mounted("c52")).isTrue();
    containers.stop("c52-user");
    BED.awaitReleased("c52");
  }

  @Test
  @DisplayName("53: a container that died while the engine was down leaves nothing")
  void case53_containerDiedMeanwhile() {
    containers.start("c53-user", "c53");
    containers.exec("c53-user", "echo kept > /m/f");
    String pid = engine.docker("inspect", "--format", "{{.State.Pid}}", "c53-user").text();
    engine.kill();
    ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    process.destroyForcibly();
    await().atMost(Duration.ofSeconds(60)).until(() -> !process.isAlive());
    engine.start();
    assertThat(containers.state("c53-user")).isEqualTo("exited");
    engine.docker("start", "c53-user");
    assertThat(containers.exec("c53-user", "cat /m/f").text()).isEqualTo("kept");
    containers.stop("c53-user");
    BED.awaitReleased("c53");
    engine.docker("rm", "c53-user");
    engine.docker("volume", "rm", "c53");
  }
}
