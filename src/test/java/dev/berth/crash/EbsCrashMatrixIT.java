package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.berth.backend.block.BlockStep;
import dev.berth.backend.ebs.EbsStep;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.SimulatedCloud;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Berth is killed at every step that only EBS volumes have. What {@link CrashMatrixIT} says is true
 * afterwards, and of the cloud: no second volume, no attachment that nobody holds, no snapshot that
 * nobody knows, nothing deleted that was not asked for.
 */
@Rule(9)
@RequiresSystem(engine = false)
class EbsCrashMatrixIT {
  private static final SimulatedCloud CLOUD = new SimulatedCloud();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .holdingSteps()
              .in(CLOUD)
              .with("BERTH_EBS_DELETE_ADOPTED", "true")
              .with("BERTH_SWEEP_INTERVAL", "1h"));

  @TestFactory
  Stream<DynamicNode> matrix() {
    Set<String> killedAt = new HashSet<>();
    return Stream.concat(
        new EbsScenarios(CLOUD)
            .all().stream()
                .map(
                    scenario ->
                        dynamicContainer(
                            scenario.name(),
                            new ScenarioRun(BED, scenario, killedAt, Victims.BLOCK).tests())),
        Stream.of(
            dynamicTest("every step was killed at", () -> assertComplete(killedAt)),
            dynamicTest("nothing is left in the cloud", EbsCrashMatrixIT::assertCloudEmpty)));
  }

  private static void assertComplete(Set<String> killedAt) {
    List<String> steps = Stream.of(EbsStep.values()).map(EbsStep::name).toList();
    assertThat(killedAt).containsAll(steps).contains(BlockStep.FILESYSTEM_RECOGNISED.name());
  }

  private static void assertCloudEmpty() {
    Ec2Simulator simulator = CLOUD.simulator();
    await("volumes that go")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(simulator.volumes()).isEmpty());
    assertThat(simulator.snapshots()).isEmpty();
    assertThat(simulator.history().events())
        .noneMatch(event -> simulator.history().everAttachedTwice(event.subject()));
  }
}
