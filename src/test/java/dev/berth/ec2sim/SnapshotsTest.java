package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.filter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.CreateSnapshotResponse;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Volume;

class SnapshotsTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private Snapshot shown(String id) {
    return bed.client().describeSnapshots(r -> r.snapshotIds(id)).snapshots().getFirst();
  }

  private String completed(String volume) {
    String id = bed.client().createSnapshot(r -> r.volumeId(volume)).snapshotId();
    await("completed")
        .atMost(Duration.ofSeconds(60))
        .until(() -> shown(id).stateAsString().equals("completed"));
    return id;
  }

  @Test
  void aSnapshotIsPendingThenCompleted() {
    String volume = bed.volume();
    bed.simulator().set(Delay.SNAPSHOT, Delay.UNTIL_SET);
    TagSpecification tags =
        TagSpecification.builder()
            .resourceType("snapshot")
            .tags(Tag.builder().key("k").value("v").build())
            .build();

    CreateSnapshotResponse made =
        bed.client()
            .createSnapshot(r -> r.volumeId(volume).description("of <it>").tagSpecifications(tags));

    assertThat(made.stateAsString()).isEqualTo("pending");
    assertRefused(
        "IncorrectState",
        "pending",
        () ->
            bed.client()
                .createVolume(
                    r -> r.availabilityZone(Ec2Simulator.ZONE).snapshotId(made.snapshotId())));
    bed.simulator().set(Delay.SNAPSHOT, Delay.SNAPSHOT.initial());
    await("completed")
        .atMost(Duration.ofSeconds(60))
        .until(() -> shown(made.snapshotId()).progress().equals("100%"));
    assertThat(shown(made.snapshotId()).description()).isEqualTo("of <it>");
    assertThat(shown(made.snapshotId()).volumeSize()).isEqualTo(1);
    assertThat(
            bed.client()
                .describeSnapshots(r -> r.ownerIds("self").filters(filter("tag:k", "v")))
                .snapshots())
        .hasSize(1);
  }

  @Test
  void aVolumeFromASnapshotIsAtLeastAsLargeAndSaysWhereItIsFrom() {
    String snapshot =
        completed(
            bed.client()
                .describeVolumes(r -> r.filters(filter("attachment.device", "/dev/xvda")))
                .volumes()
                .getFirst()
                .volumeId());

    assertRefused(
        "InvalidParameterValue",
        "expect size >= 8GiB",
        () ->
            bed.client()
                .createVolume(
                    r -> r.availabilityZone(Ec2Simulator.ZONE).snapshotId(snapshot).size(7)));
    assertRefused(
        "InvalidParameterValue",
        "VolumeInitializationRate of 301",
        () ->
            bed.client()
                .createVolume(
                    r ->
                        r.availabilityZone(Ec2Simulator.ZONE)
                            .snapshotId(snapshot)
                            .volumeInitializationRate(301)));
    String id =
        bed.client()
            .createVolume(
                r ->
                    r.availabilityZone(Ec2Simulator.ZONE)
                        .snapshotId(snapshot)
                        .volumeInitializationRate(300))
            .volumeId();
    Volume made = bed.client().describeVolumes(r -> r.volumeIds(id)).volumes().getFirst();
    assertThat(made.size()).isEqualTo(8);
    assertThat(made.snapshotId()).isEqualTo(snapshot);
    assertThat(made.volumeInitializationRate()).isEqualTo(300);
  }

  @Test
  void aDeletedSnapshotIsNotFound() {
    String id = completed(bed.volume());

    bed.client().deleteSnapshot(r -> r.snapshotId(id));

    assertRefused(
        "InvalidSnapshot.NotFound",
        "The snapshot '%s' does not exist.".formatted(id),
        () -> shown(id));
    assertRefused(
        "InvalidSnapshot.NotFound", id, () -> bed.client().deleteSnapshot(r -> r.snapshotId(id)));
    assertThat(bed.simulator().history().count(History.Kind.SNAPSHOT_DELETED)).isEqualTo(1);
  }

  @Test
  void aCopyOfAVolumeIsInItsZoneAtLeastAsLargeAndMadeOncePerToken() {
    String source = bed.volume();

    Volume copy =
        bed.client()
            .copyVolumes(r -> r.sourceVolumeId(source).size(3).volumeType("gp3").clientToken("c"))
            .volumes()
            .getFirst();

    assertThat(copy.sourceVolumeId()).isEqualTo(source);
    assertThat(copy.availabilityZone()).isEqualTo(Ec2Simulator.ZONE);
    assertThat(copy.size()).isEqualTo(3);
    assertThat(
            bed.client()
                .copyVolumes(
                    r -> r.sourceVolumeId(source).size(3).volumeType("gp3").clientToken("c"))
                .volumes()
                .getFirst()
                .volumeId())
        .isEqualTo(copy.volumeId());
    bed.awaitStatus(copy.volumeId(), "available");
    assertRefused(
        "InvalidParameterValue",
        "expect size >= 3GiB",
        () -> bed.client().copyVolumes(r -> r.sourceVolumeId(copy.volumeId()).size(2)));
    assertRefused(
        "InvalidVolume.NotFound",
        "vol-0123456789abcdef0",
        () -> bed.client().copyVolumes(r -> r.sourceVolumeId("vol-0123456789abcdef0")));
  }
}
