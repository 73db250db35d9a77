package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Instance;

class InstancesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private Instance shown(String id) {
    return bed.client()
        .describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  private void awaitState(String state) {
    await(state)
        .atMost(LIMIT)
        .until(() -> shown(bed.instance()).state().nameAsString().equals(state));
  }

  @Test
  void anInstanceSaysWhatItIsAndHas() {
    String volume = bed.attached("/dev/xvdaa");

    Instance instance = shown(bed.instance());

    assertThat(instance.state().code()).isEqualTo(16);
    assertThat(instance.instanceTypeAsString()).isEqualTo("m7i.large");
    assertThat(instance.placement().availabilityZone()).isEqualTo(Ec2Simulator.ZONE);
    assertThat(instance.networkInterfaces()).hasSize(1);
    assertThat(instance.blockDeviceMappings())
        .extracting(mapping -> mapping.deviceName())
        .containsExactlyInAnyOrder("/dev/xvda", "/dev/xvdaa");
    assertThat(instance.blockDeviceMappings())
        .extracting(mapping -> mapping.ebs().volumeId())
        .contains(volume);
  }

  @Test
  void aStoppedInstanceKeepsItsVolumesAndTakesMore() {
    String volume = bed.attached("/dev/xvdaa");
    String more = bed.volume();

    bed.simulator().stopInstance(bed.instance());
    awaitState("stopped");

    assertThat(bed.attachment(volume)).isEqualTo("attached");
    bed.attach(more, "/dev/xvdab");
    bed.awaitAttachment(more, "attached");
    bed.simulator().startInstance(bed.instance());
    awaitState("running");
  }

  @Test
  void aTerminatedInstanceLetsItsVolumesGoAndIsForgotten() {
    String volume = bed.attached("/dev/xvdaa");
    bed.simulator().set(Delay.VANISH, Delay.UNTIL_SET);

    bed.simulator().terminateInstance(bed.instance());
    awaitState("terminated");

    bed.awaitStatus(volume, "available");
    assertRefused("IncorrectState", "not 'running'", () -> bed.attach(volume, "/dev/xvdaa"));
    bed.simulator().set(Delay.VANISH, Delay.VANISH.initial());
    await("forgotten")
        .atMost(LIMIT)
        .until(() -> bed.client().describeInstances().reservations().isEmpty());
    assertRefused(
        "InvalidInstanceID.NotFound",
        "The instance ID '%s' does not exist".formatted(bed.instance()),
        () -> shown(bed.instance()));
    assertThat(bed.simulator().volumes()).hasSize(1);
  }

  @Test
  void anUnknownInstanceIsAnErrorByIdAndNothingByFilter() {
    String unknown = "i-0123456789abcdef0";

    assertRefused("InvalidInstanceID.NotFound", unknown, () -> shown(unknown));
    assertThat(
            bed.client()
                .describeInstances(r -> r.filters(SimulatorBed.filter("instance-id", unknown)))
                .reservations())
        .isEmpty();
  }

  @Test
  void typesSayHowManyVolumesTheyTake() {
    var types =
        bed.client()
            .describeInstanceTypes(r -> r.instanceTypesWithStrings("m7i.large", "t3.micro"))
            .instanceTypes();

    assertThat(types).extracting(type -> type.ebsInfo().maximumEbsAttachments()).contains(32, 28);
    assertThat(types)
        .extracting(type -> type.ebsInfo().attachmentLimitTypeAsString())
        .contains("dedicated", "shared");
    assertRefused(
        "InvalidInstanceType",
        "q1.none",
        () -> bed.client().describeInstanceTypes(r -> r.instanceTypesWithStrings("q1.none")));
  }

  @Test
  void theRegionHasThreeZones() {
    assertThat(bed.client().describeAvailabilityZones().availabilityZones())
        .extracting(zone -> zone.zoneName())
        .containsExactly("eu-west-1a", "eu-west-1b", "eu-west-1c");
    assertRefused(
        "InvalidZone.NotFound",
        "mars-1a",
        () -> bed.client().describeAvailabilityZones(r -> r.zoneNames("mars-1a")));
  }
}
