package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Berth stopped, killed and started again under containers that run. */
@Tag("any-backend")
@RequiresSystem
class BerthRestartIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  @Test
  @DisplayName("54: Berth stopped and started; the container's stop is handled from what is kept")
  void case54_berthRestarted() {
    containers.start("c54-user", "c54");
    BED.berth().stop();
    assertThat(BED.mounted("c54")).isTrue();
    containers.exec("c54-user", "echo meanwhile > /m/f");
    BED.berth().start();
    assertThat(containers.exec("c54-user", "cat /m/f").text()).isEqualTo("meanwhile");
    assertThat(containers.run("c54", "cat /m/f").text()).isEqualTo("meanwhile");
    assertThat(BED.mounted("c54")).isTrue();
    containers.stop("c54-user");
    BED.awaitReleased("c54");
  }

  @Test
  @DisplayName("55: Berth killed while a volume is made ready; the running container is untouched")
  void case55_berthKilledUnderAContainer() {
    containers.start("c55-user", "c55");
    containers.exec("c55-user", "echo before > /m/f");
    BED.tools().delayBefore("mkfs.ext4", "/c55-new.", Duration.ofSeconds(20));
    Future<Output> run =
        Async.start(() -> containers.run("c55-new", "echo second > /m/f; cat /m/f"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> BED.tools().hits("mkfs.ext4", "/c55-new.") == 1);
    BED.berth().killWithChildren();
    BED.tools().clear();
    containers.exec("c55-user", "echo meanwhile >> /m/f");
    BED.berth().start();
    Output first = Async.get(Async.start(() -> settled(run)), Duration.ofSeconds(60));
    assertThat(first).isNotNull();
    assertThat(containers.run("c55-new", "echo third > /m/f; cat /m/f").text()).isEqualTo("third");
    assertThat(containers.exec("c55-user", "cat /m/f").lines())
        .containsExactly("before", "meanwhile");
    containers.stop("c55-user");
    BED.awaitReleased("c55");
    BED.awaitReleased("c55-new");
  }

  /** The engine's retry with an empty body may fail the first run, but must end it. */
  private static Output settled(Future<Output> run) {
    try {
      return Async.get(run, Duration.ofSeconds(50));
    } catch (AssertionError e) {
      return new Output(List.of("docker", "run"), 1, "", e.toString());
    }
  }

  @Test
  @DisplayName("56: Berth down when a container stops: the lost Unmount leaves nothing for ever")
  void case56_berthDownAtStop() {
    containers.start("c56-user", "c56");
    containers.exec("c56-user", "echo kept > /m/f");
    BED.berth().stop();
    containers.stop("c56-user");
    assertThat(containers.state("c56-user")).isEqualTo("exited");
    BED.berth().start();
    engine.docker("start", "c56-user");
    assertThat(containers.exec("c56-user", "cat /m/f").text()).isEqualTo("kept");
    containers.stop("c56-user");
    BED.awaitReleased("c56");
  }
}
