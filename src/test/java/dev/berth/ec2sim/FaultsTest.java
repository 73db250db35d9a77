package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.gp3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

class FaultsTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private String create() {
    return bed.client().createVolume(gp3(1).build()).volumeId();
  }

  @Test
  void anInjectedErrorComesAsOftenAsToldAndChangesNothing() {
    Fault fault = bed.simulator().fail("CreateVolume", "InsufficientVolumeCapacity").times(2);

    assertRefused("InsufficientVolumeCapacity", "injected", this::create);
    assertRefused("InsufficientVolumeCapacity", "injected", this::create);
    assertThat(bed.simulator().volumes()).isEmpty();
    create();
    assertThat(fault.fired()).isEqualTo(2);
    fault.assertFired();
    assertThat(bed.simulator().calls().errors("InsufficientVolumeCapacity")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "RequestLimitExceeded,503",
    "InternalError,500",
    "Unavailable,503",
    "UnauthorizedOperation,403",
    "AuthFailure,401",
    "InvalidVolume.NotFound,400"
  })
  void anInjectedErrorHasTheStatusOfItsCode(String code, int status) {
    bed.simulator().fail("DescribeVolumes", code);

    assertThatThrownBy(() -> bed.client().describeVolumes())
        .isInstanceOfSatisfying(
            Ec2Exception.class, e -> assertThat(e.statusCode()).isEqualTo(status));
  }

  @Test
  void aFaultThatNeverFiredIsAFailureOfTheTest() {
    Fault fault = bed.simulator().fail("DeleteVolume", "InternalError");

    create();

    assertThatThrownBy(fault::assertFired).isInstanceOf(AssertionError.class);
  }

  @Test
  void aFaultMeetsOnlyTheCallsItMeans() {
    String one = bed.volume();
    String two = bed.volume();
    Fault fault =
        bed.simulator().fail("DescribeVolumes", "InternalError").where("VolumeId.1", two).after(1);

    bed.status(one);
    bed.status(two);
    assertThat(fault.fired()).isZero();
    bed.status(one);
    assertRefused("InternalError", "injected", () -> bed.status(two));
  }

  @Test
  void aConnectionLostBeforeTheEffectMeansNoEffect() {
    Fault fault = bed.simulator().dropBefore("CreateVolume");

    assertThatThrownBy(this::create).isInstanceOf(SdkClientException.class);

    fault.assertFired();
    assertThat(bed.simulator().volumes()).isEmpty();
    assertThat(bed.simulator().calls().of("CreateVolume")).isEqualTo(1);
  }

  @Test
  void aConnectionLostAfterTheEffectMeansTheEffectIsThere() {
    Fault fault = bed.simulator().dropAfter("CreateVolume");

    assertThatThrownBy(this::create).isInstanceOf(SdkClientException.class);

    fault.assertFired();
    assertThat(bed.simulator().volumes()).hasSize(1);
    assertThat(bed.simulator().calls().of("CreateVolume")).isEqualTo(1);
  }

  @Test
  void anErrorAfterTheEffectMeansTheEffectIsThere() {
    bed.simulator().failAfter("CreateVolume", "InternalError");

    assertRefused("InternalError", "injected", this::create);

    assertThat(bed.simulator().volumes()).hasSize(1);
  }

  @Test
  void allCallsCanGetNoAnswerUntilTheyDoAgain() {
    Fault outage = bed.simulator().dropBefore(Fault.ANY).always();

    assertThatThrownBy(() -> bed.client().describeVolumes()).isInstanceOf(SdkClientException.class);
    assertThatThrownBy(this::create).isInstanceOf(SdkClientException.class);

    outage.stop();
    create();
  }

  @Test
  void aDelayedCallTakesThatLong() {
    bed.simulator().delay("DescribeVolumes", Duration.ofMillis(600));
    bed.simulator().delayAnswer("CreateVolume", Duration.ofMillis(600));

    for (Runnable call : List.<Runnable>of(() -> bed.client().describeVolumes(), this::create)) {
      long start = System.nanoTime();
      call.run();
      assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(600).toNanos());
    }
  }

  @Test
  void eachActionHasABucketThatFillsAgain() throws InterruptedException {
    bed.simulator().throttle(2, 3);

    long refused =
        Stream.generate(() -> attempt(() -> bed.client().describeVolumes()))
            .limit(20)
            .filter(code -> code.equals("RequestLimitExceeded"))
            .count();

    assertThat(refused).isPositive();
    assertThat(bed.simulator().calls().errors("RequestLimitExceeded")).isEqualTo((int) refused);
    assertThat(attempt(this::create)).isEmpty();
    Thread.sleep(1_000);
    assertThat(attempt(() -> bed.client().describeVolumes())).isEmpty();
    bed.simulator().unthrottle();
  }

  private static String attempt(Runnable call) {
    try {
      call.run();
      return "";
    } catch (Ec2Exception e) {
      return e.awsErrorDetails().errorCode();
    }
  }

  @Test
  void aDryRunSaysWhetherItWouldSucceedAndChangesNothing() {
    assertRefused(
        "DryRunOperation",
        "would have succeeded",
        () -> bed.client().createVolume(gp3(1).dryRun(true).build()));
    assertRefused(
        "InvalidParameterValue",
        "Volume iops of 2147483647 is too high; maximum is 256000",
        () ->
            bed.client()
                .createVolume(
                    gp3(4).volumeType("io2").iops(Integer.MAX_VALUE).dryRun(true).build()));
    bed.simulator().access().deny("CreateVolume");
    assertRefused(
        "UnauthorizedOperation",
        "ec2:CreateVolume",
        () -> bed.client().createVolume(gp3(1).dryRun(true).build()));
    assertRefused("UnauthorizedOperation", "ec2:CreateVolume", this::create);
    assertThat(bed.simulator().volumes()).isEmpty();
    bed.simulator().access().allow("CreateVolume");
    create();
  }

  /** The JDK's client hides the body of an answer with status 401, and with it the code. */
  @Test
  void credentialsThatAreNotGoodAreAnAuthFailure() {
    bed.simulator().access().only("another");

    assertThatThrownBy(() -> bed.client().describeVolumes())
        .isInstanceOfSatisfying(Ec2Exception.class, e -> assertThat(e.statusCode()).isEqualTo(401));
    assertThat(bed.simulator().calls().errors("AuthFailure")).isEqualTo(1);
  }

  @Test
  void callsAreCountedByAction() {
    create();
    create();
    bed.client().describeVolumes();

    assertThat(bed.simulator().calls().byAction())
        .containsEntry("CreateVolume", 2)
        .containsEntry("DescribeVolumes", 1)
        .hasSize(2);
    assertThat(bed.simulator().calls().total()).isEqualTo(3);
    bed.simulator().calls().reset();
    assertThat(bed.simulator().calls().total()).isZero();
  }
}
