package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.gp3;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.CreateVolumeResponse;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Volume;

class VolumesTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void aNewVolumeIsCreatingThenAvailableWithAllThatWasAskedFor() {
    CreateVolumeResponse made =
        bed.client()
            .createVolume(
                gp3(20)
                    .iops(4000)
                    .throughput(250)
                    .encrypted(true)
                    .tagSpecifications(
                        TagSpecification.builder()
                            .resourceType("volume")
                            .tags(Tag.builder().key("Name").value("db & <more>").build())
                            .build())
                    .build());

    assertThat(made.stateAsString()).isEqualTo("creating");
    bed.awaitStatus(made.volumeId(), "available");
    Volume found =
        bed.client().describeVolumes(r -> r.volumeIds(made.volumeId())).volumes().getFirst();
    assertThat(found.size()).isEqualTo(20);
    assertThat(found.iops()).isEqualTo(4000);
    assertThat(found.throughput()).isEqualTo(250);
    assertThat(found.encrypted()).isTrue();
    assertThat(found.kmsKeyId()).isEqualTo("alias/aws/ebs");
    assertThat(found.availabilityZone()).isEqualTo(Ec2Simulator.ZONE);
    assertThat(found.tags()).extracting(Tag::value).containsExactly("db & <more>");
    assertThat(found.createTime()).isNotNull();
  }

  @Test
  void aDeletedVolumeIsNotFoundAfterAWhile() {
    String id = bed.volume();

    bed.client().deleteVolume(r -> r.volumeId(id));

    assertThat(bed.simulator().history().everDeleted(id)).isTrue();
    org.awaitility.Awaitility.await().until(() -> !bed.dataVolumes().contains(id));
    assertRefused(
        "InvalidVolume.NotFound",
        "The volume '%s' does not exist.".formatted(id),
        () -> bed.status(id));
    assertRefused(
        "InvalidVolume.NotFound", id, () -> bed.client().deleteVolume(r -> r.volumeId(id)));
  }

  @Test
  void anAttachedVolumeIsNotDeleted() {
    String id = bed.attached("/dev/xvdaa");

    assertRefused("VolumeInUse", id, () -> bed.client().deleteVolume(r -> r.volumeId(id)));

    bed.client().detachVolume(r -> r.volumeId(id).instanceId(bed.instance()));
    bed.awaitAttachment(id, "none");
    bed.client().deleteVolume(r -> r.volumeId(id));
  }
}
