package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Berth's mounts do not reach the engine, as with {@code PrivateMounts=} in a unit. */
@Rule(4)
@RequiresSystem
class PrivateMountsIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().in(STORE).withPrivateMounts());

  private final Containers containers = BED.containers();

  @ParameterizedTest
  @ValueSource(strings = {"s3", "loop"})
  void aContainerIsNotStartedOnABareDirectory(String backend) {
    containers.create("bare", "backend=" + backend);
    for (int tries = 0; tries < 2; tries++) {
      Output refused = containers.tryRun("bare", "echo IMPORTANT > /m/f");
      assertThat(refused.succeeded()).as("%s", refused).isFalse();
      assertThat(refused.err())
          .contains("volume bare")
          .contains(BED.mountpoint("bare").toString())
          .contains("has another mount namespace")
          .contains("PrivateMounts=")
          .contains(":rshared");
      assertThat(BED.mountpoint("bare").resolve("f")).doesNotExist();
      assertThat(BED.mountpoint("bare")).doesNotExist();
      assertThat(BED.attached("bare")).isFalse();
    }
    Output doctor = BED.berth().command("doctor").run();
    assertThat(doctor.status()).as("%s", doctor).isEqualTo(4);
    assertThat(doctor.out()).containsPattern("mounts +error .*another mount namespace");
    assertThat(BED.berth().lastWords()).contains("process 1 of this host does not see");
  }
}
