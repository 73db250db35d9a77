package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.gp3;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuotasTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void aFullAccountTakesNoVolumeAndKnowsNoToken() {
    var request = gp3(1).clientToken("t").build();
    String id = bed.client().createVolume(request).volumeId();
    bed.simulator().set(Limit.VOLUMES, 2);

    assertRefused("VolumeLimitExceeded", "limit of 2", () -> bed.client().createVolume(request));

    bed.simulator().set(Limit.VOLUMES, 3);
    assertThat(bed.client().createVolume(request).volumeId()).isEqualTo(id);
  }

  @Test
  void provisionedIopsAreLimitedForTheAccount() {
    bed.simulator().set(Limit.IOPS, 1_000);
    bed.client().createVolume(gp3(10).volumeType("io2").iops(900).build());

    assertRefused(
        "MaxIOPSLimitExceeded",
        "1000",
        () -> bed.client().createVolume(gp3(10).volumeType("io2").iops(101).build()));
    bed.client().createVolume(gp3(10).build());
  }

  @Test
  void snapshotsAreLimitedForTheAccountAndPendingOnesForAVolume() {
    String id = bed.volume();
    bed.simulator().set(Delay.SNAPSHOT, Duration.ofSeconds(60));
    bed.simulator().set(Limit.PENDING_SNAPSHOTS_PER_VOLUME, 1);
    bed.client().createSnapshot(r -> r.volumeId(id));

    assertRefused(
        "ConcurrentSnapshotLimitExceeded",
        "in-progress",
        () -> bed.client().createSnapshot(r -> r.volumeId(id)));

    bed.simulator().set(Limit.SNAPSHOTS, 1);
    assertRefused(
        "SnapshotLimitExceeded", "limit", () -> bed.client().createSnapshot(r -> r.volumeId(id)));
  }

  @Test
  void aVolumeIsModifiedFourTimesInADay() {
    String id = bed.volume();
    for (int size = 2; size <= 5; size++) {
      int next = size;
      bed.client().modifyVolume(r -> r.volumeId(id).size(next));
      ModificationsTest.awaitState(bed, id, "completed");
    }

    assertRefused(
        "VolumeModificationRateExceeded",
        "limit of 4 in 24 hours",
        () -> bed.client().modifyVolume(r -> r.volumeId(id).size(6)));

    bed.simulator().advance(Duration.ofHours(25));
    bed.client().modifyVolume(r -> r.volumeId(id).size(6));
  }
}
