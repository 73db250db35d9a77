package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Berth is killed at every step of every operation, and started again. Then no loop device, mount,
 * file or row is left over, no volume is lost, what was written is there, nothing is formatted
 * twice, and the next Mount, Unmount and Remove work.
 */
@Rule(9)
@RequiresSystem(engine = false)
class CrashMatrixIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .holdingSteps()
              .with("BERTH_DEFAULTS_SIZE", "32MiB")
              .with("BERTH_SWEEP_INTERVAL", "1h"));

  @TestFactory
  Stream<DynamicNode> matrix() {
    Set<String> killedAt = new HashSet<>();
    return Stream.concat(
        Scenarios.all().stream()
            .map(
                scenario ->
                    dynamicContainer(
                        scenario.name(),
                        new ScenarioRun(BED, scenario, killedAt, Victims.BLOCK).tests())),
        Stream.of(
            dynamicTest("every step of the code was killed at", () -> assertComplete(killedAt))));
  }

  /**
   * A new step without a case fails here; {@link EbsCrashMatrixIT} and {@link S3CrashMatrixIT} have
   * theirs.
   */
  private static void assertComplete(Set<String> killedAt) {
    assertThat(CodeSteps.all()).as("steps are told apart by their names").doesNotHaveDuplicates();
    assertThat(killedAt).containsExactlyInAnyOrderElementsOf(CodeSteps.ofLoop());
  }
}
