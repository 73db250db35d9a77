package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.gp3;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.InstanceBlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;

class AttachmentsTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private void detach(String volume) {
    bed.client().detachVolume(r -> r.volumeId(volume).instanceId(bed.instance()));
  }

  private VolumeAttachment shown(String volume) {
    return bed.client()
        .describeVolumes(r -> r.volumeIds(volume))
        .volumes()
        .getFirst()
        .attachments()
        .getFirst();
  }

  @Test
  void anAttachmentIsAttachingThenAttachedThenDetachingThenGone() {
    bed.simulator().set(Delay.ATTACH, Delay.UNTIL_SET);
    bed.simulator().set(Delay.DETACH, Delay.UNTIL_SET);
    String id = bed.volume();

    bed.attach(id, "/dev/xvdaa");

    assertThat(bed.attachment(id)).isEqualTo("attaching");
    assertThat(bed.status(id)).isEqualTo("in-use");
    bed.simulator().set(Delay.ATTACH, Delay.ATTACH.initial());
    bed.awaitAttachment(id, "attached");
    assertThat(shown(id).device()).isEqualTo("/dev/xvdaa");
    assertThat(shown(id).instanceId()).isEqualTo(bed.instance());
    detach(id);
    assertThat(bed.attachment(id)).isEqualTo("detaching");
    assertThat(bed.status(id)).isEqualTo("in-use");
    bed.simulator().set(Delay.DETACH, Delay.DETACH.initial());
    bed.awaitAttachment(id, "none");
    assertThat(bed.status(id)).isEqualTo("available");
    assertThat(bed.simulator().history().everAttachedTwice(id)).isFalse();
  }

  @Test
  void aVolumeIsAttachedOnce() {
    String id = bed.attached("/dev/xvdaa");
    String other = bed.simulator().runInstance();

    assertRefused("VolumeInUse", id, () -> bed.attach(id, "/dev/xvdab"));
    assertRefused(
        "VolumeInUse",
        id,
        () ->
            bed.client().attachVolume(r -> r.volumeId(id).instanceId(other).device("/dev/xvdaa")));
  }

  @Test
  void aVolumeOfAnotherZoneIsRefused() {
    String id =
        bed.client()
            .createVolume(gp3(1).availabilityZone(Ec2Simulator.REGION + "b").build())
            .volumeId();
    bed.awaitStatus(id, "available");

    assertRefused("InvalidVolume.ZoneMismatch", bed.instance(), () -> bed.attach(id, "/dev/xvdaa"));
  }

  @Test
  void aDeviceNameServesOneVolumeUntilItIsDetached() {
    String first = bed.attached("/dev/xvdaa");
    String second = bed.volume();

    assertRefused(
        "InvalidParameterValue",
        "Invalid value '/dev/xvdaa' for unixDevice. Attachment point /dev/xvdaa is already in use",
        () -> bed.attach(second, "/dev/xvdaa"));
    assertRefused("InvalidParameterValue", "in use", () -> bed.attach(second, "/dev/xvda"));
    detach(first);
    bed.awaitAttachment(first, "none");
    bed.attach(second, "/dev/xvdaa");
  }

  @Test
  void aNameTheImageUsesIsTakenAndNotShown() {
    bed.simulator().hideDevice(bed.instance(), "/dev/xvdaa");
    String id = bed.volume();

    assertRefused("InvalidParameterValue", "in use", () -> bed.attach(id, "/dev/xvdaa"));
    assertThat(
            bed.client()
                .describeInstances(r -> r.instanceIds(bed.instance()))
                .reservations()
                .getFirst()
                .instances()
                .getFirst()
                .blockDeviceMappings())
        .extracting(InstanceBlockDeviceMapping::deviceName)
        .containsExactly("/dev/xvda");
  }

  @Test
  void aNameThatIsNoDeviceIsRefused() {
    String id = bed.volume();

    for (String name : new String[] {"/dev/nvme1n1", "xvdaa", "/dev/xvdza", "/dev/sdk16"}) {
      assertRefused(
          "InvalidParameterValue", "not a valid EBS device name", () -> bed.attach(id, name));
    }
  }

  @Test
  void anInstanceTakesAsManyVolumesAsItsTypeSays() {
    String small =
        bed.simulator().runInstance(Ec2Simulator.ZONE, new InstanceType("x.small", 3, true, false));
    String first = bed.volume();
    String second = bed.volume();
    bed.client().attachVolume(r -> r.volumeId(first).instanceId(small).device("/dev/xvdaa"));

    assertRefused(
        "AttachmentLimitExceeded",
        "limit of 2",
        () ->
            bed.client()
                .attachVolume(r -> r.volumeId(second).instanceId(small).device("/dev/xvdab")));
  }

  @Test
  void detachingWhatIsNotAttachedThereIsRefused() {
    String id = bed.volume();
    String other = bed.simulator().runInstance();

    assertRefused("IncorrectState", "'available' state", () -> detach(id));
    bed.attach(id, "/dev/xvdaa");
    assertRefused(
        "InvalidAttachment.NotFound",
        other,
        () -> bed.client().detachVolume(r -> r.volumeId(id).instanceId(other)));
    assertRefused(
        "InvalidAttachment.NotFound",
        "/dev/xvdzz",
        () -> bed.client().detachVolume(r -> r.volumeId(id).device("/dev/xvdzz")));
    bed.client().detachVolume(r -> r.volumeId(id));
    bed.awaitAttachment(id, "none");
  }

  @Test
  void theRootOfARunningInstanceStaysWhereItIs() {
    String root =
        bed.client()
            .describeVolumes(
                r -> r.filters(SimulatorBed.filter("attachment.instance-id", bed.instance())))
            .volumes()
            .getFirst()
            .volumeId();

    assertRefused("OperationNotPermitted", "root volume", () -> detach(root));
  }

  @Test
  void aStuckAttachmentStaysAttachingUntilItIsDetached() {
    String id = bed.volume();
    bed.simulator().set(Delay.ATTACH, Duration.ofMillis(1));
    bed.simulator().stickNextAttachment(Duration.ofSeconds(91));

    bed.attach(id, "/dev/xvdaa");
    String other = bed.attached("/dev/xvdab");

    assertThat(bed.attachment(other)).isEqualTo("attached");
    assertThat(bed.attachment(id)).isEqualTo("attaching");
    assertThat(shown(id).attachTime()).isBefore(Instant.now().minusSeconds(90));
    detach(id);
    bed.awaitAttachment(id, "none");
  }

  @Test
  void whatTheConsoleAttachesIsThereUnderItsName() {
    String id = bed.volume();

    bed.simulator().attach(id, bed.instance(), "/dev/sdf");

    bed.awaitAttachment(id, "attached");
    assertThat(shown(id).device()).isEqualTo("/dev/sdf");
    assertThat(bed.simulator().calls().of("AttachVolume")).isZero();
    bed.simulator().detach(id, false);
    bed.awaitAttachment(id, "none");
  }

  @Test
  void aDetachBeforeTheDeviceCameEndsTheAttachment() {
    bed.simulator().set(Delay.DEVICE, Delay.UNTIL_SET);
    bed.simulator().set(Delay.ATTACH, Delay.UNTIL_SET);
    String id = bed.volume();

    bed.attach(id, "/dev/xvdaa");
    detach(id);
    bed.simulator().set(Delay.DEVICE, Delay.DEVICE.initial());
    bed.simulator().set(Delay.ATTACH, Delay.ATTACH.initial());

    bed.awaitAttachment(id, "none");
    assertThat(bed.simulator().history().count(History.Kind.DEVICE_APPEARED)).isZero();
  }
}
