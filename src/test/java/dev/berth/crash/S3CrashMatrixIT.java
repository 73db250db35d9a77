package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.berth.testing.BedOptions;
import dev.berth.testing.EmulatedCloud;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import dev.berth.testing.WriteRefusingStore;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * As {@link CrashMatrixIT}, at the steps that volumes in S3 add. A client outlives Berth, or is
 * killed with it; afterwards each mounted volume has one client, and each other has none.
 */
@Rule(9)
@RequiresSystem(engine = false)
class S3CrashMatrixIT implements Victims {
  private static final String BUCKET = "crash-matrix";
  private static final EmulatedCloud CLOUD = EmulatedCloud.localStack();

  private static final WriteRefusingStore READ_ONLY = new WriteRefusingStore(CLOUD.endpoint());

  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .holdingSteps()
              .in(CLOUD)
              .with("BERTH_S3_ENDPOINT", CLOUD.endpoint().toString())
              .with("BERTH_S3_ENDPOINTS", READ_ONLY.endpoint().toString())
              .with("BERTH_S3_BUCKET", BUCKET)
              .with("BERTH_SWEEP_INTERVAL", "1h"));

  @AfterAll
  static void stopRefusing() {
    assertThat(READ_ONLY.refused()).isPositive();
    READ_ONLY.close();
  }

  @BeforeAll
  static void makeTheBucket() {
    BED.client()
        .create("maker", Map.of("backend", "s3", "bucket", BUCKET, "createBucket", "true"))
        .orFail();
    BED.client().remove("maker").orFail();
  }

  @Override
  public Path data(TestBed bed, String volume) {
    return bed.mountpoint(volume);
  }

  @Override
  public void check(Subject volume) {
    new S3Aftermath(volume).check();
  }

  @TestFactory
  Stream<DynamicNode> matrix() {
    Set<String> killedAt = new HashSet<>();
    return Stream.concat(
        S3Scenarios.all(READ_ONLY.endpoint()).stream()
            .map(
                scenario ->
                    dynamicContainer(
                        scenario.name(), new ScenarioRun(BED, scenario, killedAt, this).tests())),
        Stream.of(
            dynamicTest(
                "every step of the backend was killed at",
                () -> assertThat(killedAt).containsAll(CodeSteps.in("dev.berth.backend.s3")))));
  }
}
