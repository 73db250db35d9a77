package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.ec2.model.CreateVolumeRequest;
import software.amazon.awssdk.services.ec2.model.CreateVolumeResponse;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

@TestInstance(Lifecycle.PER_CLASS)
class CreateVolumeTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterAll
  void close() {
    bed.close();
  }

  private static Consumer<CreateVolumeRequest.Builder> type(String type, int size) {
    return call -> call.volumeType(type).size(size);
  }

  private static Arguments refused(
      String what, String code, String text, Consumer<CreateVolumeRequest.Builder> request) {
    return Arguments.of(what, code, text, request);
  }

  static Stream<Arguments> refusedRequests() {
    String value = "InvalidParameterValue";
    String combination = "InvalidParameterCombination";
    String missing = "MissingParameter";
    return Stream.of(
        refused("gp3, 0 GiB", value, "minimum is 1GiB", type("gp3", 0)),
        refused("gp3, too large", value, "maximum is 65536GiB", type("gp3", 65_537)),
        refused("gp2, too large", value, "maximum is 16384GiB", type("gp2", 16_385)),
        refused("st1, too small", value, "minimum is 125GiB", type("st1", 124)),
        refused("sc1, too large", value, "maximum is 16384GiB", type("sc1", 16_385)),
        refused("standard, too large", value, "maximum is 1024GiB", type("standard", 1_025)),
        refused(
            "io1, too small", value, "minimum is 4GiB", type("io1", 3).andThen(c -> c.iops(100))),
        refused("io1, no iops", missing, "iops", type("io1", 4)),
        refused("io2, no iops", missing, "iops", type("io2", 4)),
        refused("io1, iops low", value, "minimum is 100", type("io1", 4).andThen(c -> c.iops(99))),
        refused("io1, ratio", value, "maximum is 50.0", type("io1", 4).andThen(c -> c.iops(201))),
        refused(
            "io2, ratio", value, "maximum is 1000.0", type("io2", 4).andThen(c -> c.iops(4_001))),
        refused(
            "io2, iops high",
            value,
            "Volume iops of 256001 is too high; maximum is 256000",
            type("io2", 1_000).andThen(c -> c.iops(256_001))),
        refused(
            "gp3, iops low", value, "minimum is 3000", type("gp3", 10).andThen(c -> c.iops(2_999))),
        refused(
            "gp3, ratio", value, "maximum is 500.0", type("gp3", 7).andThen(c -> c.iops(3_501))),
        refused(
            "gp3, iops high",
            value,
            "maximum is 80000",
            type("gp3", 1_000).andThen(c -> c.iops(80_001))),
        refused("gp2, iops", combination, "iops", type("gp2", 10).andThen(c -> c.iops(300))),
        refused(
            "gp2, throughput",
            combination,
            "throughput",
            type("gp2", 9).andThen(c -> c.throughput(125))),
        refused(
            "gp3, throughput low",
            value,
            "minimum is 125",
            type("gp3", 9).andThen(c -> c.throughput(124))),
        refused(
            "gp3, throughput high",
            value,
            "maximum is 2000",
            type("gp3", 900).andThen(c -> c.iops(80_000).throughput(2_001))),
        refused(
            "gp3, throughput to iops",
            value,
            "0.25",
            type("gp3", 9).andThen(c -> c.throughput(751))),
        refused("no such type", "UnknownVolumeType", "gp9", type("gp9", 1)),
        refused("no size", missing, "size/snapshot", c -> {}),
        refused(
            "no such zone",
            "InvalidZone.NotFound",
            "mars-1a",
            type("gp3", 1).andThen(c -> c.availabilityZone("mars-1a"))),
        refused(
            "no such snapshot",
            "InvalidSnapshot.NotFound",
            "snap-0123456789abcdef0",
            c -> c.snapshotId("snap-0123456789abcdef0")),
        refused(
            "key without encryption",
            "InvalidParameterDependency",
            "Encrypted",
            type("gp3", 1).andThen(c -> c.kmsKeyId("alias/mine"))),
        refused(
            "key of no shape",
            value,
            "KmsKeyId",
            type("gp3", 1).andThen(c -> c.encrypted(true).kmsKeyId("no key!"))),
        refused(
            "rate without snapshot",
            "InvalidParameterDependency",
            "SnapshotId",
            type("gp3", 1).andThen(c -> c.volumeInitializationRate(100))),
        refused(
            "outposts are not simulated",
            "UnknownParameter",
            "OutpostArn",
            type("gp3", 1).andThen(c -> c.outpostArn("arn"))),
        refused(
            "multi-attach",
            "UnsupportedOperation",
            "Multi-Attach",
            type("io2", 4).andThen(c -> c.iops(100).multiAttachEnabled(true))),
        refused(
            "tags for something else",
            value,
            "'snapshot' is not a valid taggable resource type",
            type("gp3", 1).andThen(c -> c.tagSpecifications(tag("snapshot", "k")))),
        refused(
            "reserved tag",
            value,
            "aws:",
            type("gp3", 1).andThen(c -> c.tagSpecifications(tag("volume", "aws:x")))),
        refused(
            "token too long",
            value,
            "longer than 64",
            type("gp3", 1).andThen(c -> c.clientToken("x".repeat(65)))));
  }

  private static TagSpecification tag(String resource, String key) {
    return TagSpecification.builder()
        .resourceType(resource)
        .tags(Tag.builder().key(key).value("v").build())
        .build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedRequests")
  void refuses(
      String what, String code, String text, Consumer<CreateVolumeRequest.Builder> request) {
    long before = bed.simulator().volumes().size();
    CreateVolumeRequest.Builder call =
        CreateVolumeRequest.builder().availabilityZone(Ec2Simulator.ZONE);
    request.accept(call);

    assertRefused(code, text, () -> bed.client().createVolume(call.build()));
    assertThat(bed.simulator().volumes()).hasSize((int) before);
  }

  @Test
  void eachTypeGetsWhatItHasByItself() {
    assertThat(make(type("gp3", 1)).iops()).isEqualTo(3_000);
    assertThat(make(type("gp3", 1)).throughput()).isEqualTo(125);
    assertThat(make(type("gp2", 1)).iops()).isEqualTo(100);
    assertThat(make(type("gp2", 100)).iops()).isEqualTo(300);
    assertThat(make(type("gp2", 16_384)).iops()).isEqualTo(16_000);
    assertThat(make(type("standard", 1)).iops()).isNull();
    assertThat(make(c -> c.size(1)).volumeTypeAsString()).isEqualTo("gp2");
  }

  private CreateVolumeResponse make(Consumer<CreateVolumeRequest.Builder> request) {
    CreateVolumeRequest.Builder call =
        CreateVolumeRequest.builder().availabilityZone(Ec2Simulator.ZONE);
    request.accept(call);
    return bed.client().createVolume(call.build());
  }

  @Test
  void theSameTokenMakesOneVolume() {
    Consumer<CreateVolumeRequest.Builder> request =
        type("gp3", 2).andThen(c -> c.clientToken("same"));

    String first = make(request).volumeId();
    String second = make(request).volumeId();

    assertThat(second).isEqualTo(first);
    assertThat(bed.simulator().history().of(first)).hasSize(1);
  }

  @Test
  void aTokenWithAnotherRequestIsAMismatch() {
    make(type("gp3", 2).andThen(c -> c.clientToken("other")));

    assertRefused(
        "IdempotentParameterMismatch",
        "other parameters",
        () -> make(type("gp3", 3).andThen(c -> c.clientToken("other"))));
  }

  @Test
  void aTokenOfADeletedVolumeIsAMismatch() {
    Consumer<CreateVolumeRequest.Builder> request =
        type("gp3", 2).andThen(c -> c.clientToken("deleted"));
    String id = make(request).volumeId();
    bed.awaitStatus(id, "available");
    bed.client().deleteVolume(c -> c.volumeId(id));

    assertRefused("IdempotentParameterMismatch", "already deleted", () -> make(request));
  }

  @Test
  void aTokenIsForgottenAfterTwelveHours() {
    Consumer<CreateVolumeRequest.Builder> request =
        type("gp3", 2).andThen(c -> c.clientToken("old"));
    String first = make(request).volumeId();

    bed.simulator().advance(Duration.ofHours(13));

    assertThat(make(request).volumeId()).isNotEqualTo(first);
  }

  @Test
  void withAnUnusableKeyTheVolumeNeverComesToBe() {
    Consumer<CreateVolumeRequest.Builder> request =
        type("gp3", 1).andThen(c -> c.encrypted(true).kmsKeyId("alias/lost").clientToken("ghost"));

    String ghost = make(request).volumeId();

    assertRefused("InvalidVolume.NotFound", ghost, () -> bed.status(ghost));
    assertRefused("IdempotentParameterMismatch", "already deleted", () -> make(request));
    assertThat(bed.simulator().history().of(ghost))
        .extracting(History.Event::kind)
        .containsExactly(History.Kind.GHOST);
  }

  @Test
  void withAUsableKeyItDoes() {
    bed.simulator().allowKmsKey("arn:aws:kms:eu-west-1:123456789012:key/abc");

    String id =
        make(type("gp3", 1)
                .andThen(
                    c -> c.encrypted(true).kmsKeyId("arn:aws:kms:eu-west-1:123456789012:key/abc")))
            .volumeId();

    bed.awaitStatus(id, "available");
  }

  @Test
  void aVolumeBeingCreatedCanBeNeitherAttachedNorDeleted() {
    bed.simulator().set(Delay.CREATE, Delay.UNTIL_SET);
    String id = make(type("gp3", 1)).volumeId();

    assertRefused("IncorrectState", "not 'available'", () -> bed.attach(id, "/dev/xvdaa"));
    assertRefused(
        "IncorrectState", "creating", () -> bed.client().deleteVolume(c -> c.volumeId(id)));
    assertRefused(
        "IncorrectState", "creating", () -> bed.client().createSnapshot(c -> c.volumeId(id)));
    assertRefused(
        "IncorrectState", "creating", () -> bed.client().copyVolumes(c -> c.sourceVolumeId(id)));
    bed.simulator().set(Delay.CREATE, Delay.CREATE.initial());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> bed.status(id).equals("available"));
  }
}
