package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeModification;

class ModificationsTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private static VolumeModification modification(SimulatorBed bed, String volume) {
    return bed.client()
        .describeVolumesModifications(r -> r.volumeIds(volume))
        .volumesModifications()
        .getFirst();
  }

  static void awaitState(SimulatorBed bed, String volume, String state) {
    Awaitility.await(volume + " " + state)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> modification(bed, volume).modificationStateAsString().equals(state));
  }

  @Test
  void aModificationIsModifyingThenOptimizingWithTheNewSizeThenCompleted() {
    String id = bed.volume();
    bed.simulator().set(Delay.MODIFYING, Delay.UNTIL_SET);
    bed.simulator().set(Delay.OPTIMIZING, Delay.UNTIL_SET);

    VolumeModification made =
        bed.client().modifyVolume(r -> r.volumeId(id).size(20).iops(4_000)).volumeModification();

    assertThat(made.modificationStateAsString()).isEqualTo("modifying");
    assertThat(made.originalSize()).isEqualTo(1);
    assertThat(made.targetSize()).isEqualTo(20);
    assertThat(bed.simulator().volume(id).orElseThrow().spec().size()).isEqualTo(1);
    bed.simulator().set(Delay.MODIFYING, Delay.MODIFYING.initial());
    awaitState(bed, id, "optimizing");
    Volume grown = bed.client().describeVolumes(r -> r.volumeIds(id)).volumes().getFirst();
    assertThat(grown.size()).isEqualTo(20);
    assertThat(grown.iops()).isEqualTo(4_000);
    assertRefused(
        "IncorrectModificationState",
        "OPTIMIZING",
        () -> bed.client().modifyVolume(r -> r.volumeId(id).size(30)));
    bed.simulator().set(Delay.OPTIMIZING, Delay.OPTIMIZING.initial());
    awaitState(bed, id, "completed");
    assertThat(modification(bed, id).progress()).isEqualTo(100);
    assertThat(modification(bed, id).endTime()).isNotNull();
  }

  @Test
  void anotherTypeBringsItsOwnValues() {
    String id = bed.volume();

    bed.client().modifyVolume(r -> r.volumeId(id).size(100).volumeType("gp2"));
    awaitState(bed, id, "completed");

    Volume now = bed.client().describeVolumes(r -> r.volumeIds(id)).volumes().getFirst();
    assertThat(now.volumeTypeAsString()).isEqualTo("gp2");
    assertThat(now.iops()).isEqualTo(300);
    assertThat(now.throughput()).isNull();
  }

  @Test
  void refusesToShrinkAndWhatTheTypeCannotBe() {
    String id = bed.volume();
    bed.client().modifyVolume(r -> r.volumeId(id).size(5));
    awaitState(bed, id, "completed");

    assertRefused(
        "InvalidParameterValue",
        "smaller",
        () -> bed.client().modifyVolume(r -> r.volumeId(id).size(4)));
    assertRefused(
        "InvalidParameterValue",
        "maximum is 65536GiB",
        () -> bed.client().modifyVolume(r -> r.volumeId(id).size(70_000)));
    assertRefused("MissingParameter", "size", () -> bed.client().modifyVolume(r -> r.volumeId(id)));
  }

  @Test
  void whatWasNeverModifiedHasNoModification() {
    String id = bed.volume();

    assertRefused(
        "InvalidVolumeModification.NotFound",
        id,
        () -> bed.client().describeVolumesModifications(r -> r.volumeIds(id)));
    assertThat(bed.client().describeVolumesModifications().volumesModifications()).isEmpty();
  }
}
