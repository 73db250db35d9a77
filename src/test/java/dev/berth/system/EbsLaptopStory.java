package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.EmulatedCloud;
import dev.berth.testing.EmulatedEc2;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.Readme;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the README promises for a laptop, in one of the emulated clouds. */
abstract class EbsLaptopStory {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final EmulatedCloud cloud;
  private final TestBed bed;

  EbsLaptopStory(EmulatedCloud cloud, TestBed bed) {
    this.cloud = cloud;
    this.bed = bed;
  }

  /** The plugin has the name that the README's commands use. */
  static TestBed bed(EmulatedCloud cloud) {
    return new TestBed(BedOptions.withEngine().named("berth").in(cloud));
  }

  /** Runs a command of the README, but for {@code sudo}, with the bed's engine and Berth. */
  private Output type(String command) {
    Map<String, String> environment = new HashMap<>(bed.engine().environment());
    environment.putAll(bed.berth().command().environment());
    return Run.of("sh", "-c", command.replaceFirst("^sudo ", ""))
        .with(environment)
        .within(LIMIT)
        .succeed();
  }

  private void assertNothingLeft() {
    try (EmulatedEc2 ec2 = cloud.ec2()) {
      await("a cloud with nothing of Berth's")
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(ec2.leftovers()).isEmpty());
    }
    assertThat(bed.volumeTraces()).isEmpty();
  }

  private void removeSnapshots() {
    try (EmulatedEc2 ec2 = cloud.ec2()) {
      ec2.snapshots().forEach(id -> bed.berth().command("snapshot", "rm", id).succeed());
    }
  }

  @Test
  void theCommandsOfTheReadmeWork() {
    bed.engine().docker("tag", Images.PLAIN, "busybox");
    List<String> commands = Readme.section("EBS on a laptop").commands();
    assertThat(commands).hasSizeLessThan(10);
    assertThat(commands.subList(0, 3))
        .containsExactly(
            "deploy/localstack/start.sh", "eval \"$(deploy/localstack/instance.sh)\"", "make run");
    Map<String, Output> said = new HashMap<>();
    commands.stream().skip(3).forEach(command -> said.put(command, type(command)));
    assertThat(said.get("docker run --rm -v db:/data busybox cat /data/x").text())
        .isEqualTo("hello");
    removeSnapshots();
    assertNothingLeft();
  }

  @Test
  void aLifeWithKillGrowSnapshotAndRestore() {
    Containers containers = bed.containers();
    containers.create("life", "backend=ebs", "size=1GiB", "fsType=xfs");
    containers.start("user", "life");
    containers.exec("user", "echo kept > /m/f; sync");
    bed.berth().kill();
    bed.berth().start();
    assertThat(containers.exec("user", "cat /m/f").text()).isEqualTo("kept");
    bed.berth().command("grow", "life", "2GiB").succeed();
    assertThat(kibibytes(containers.exec("user", "df -k /m").lines().getLast()))
        .isGreaterThan(1_900_000);
    bed.berth().command("snapshot", "create", "life").succeed();
    containers.exec("user", "echo later > /m/f");
    String snapshot = onlySnapshot();
    containers.create("restored", "backend=ebs", "snapshotId=" + snapshot);
    assertThat(containers.run("restored", "cat /m/f").text()).isEqualTo("kept");
    containers.remove("user");
    assertThat(containers.run("life", "cat /m/f").text()).isEqualTo("later");
    bed.engine().docker("volume", "rm", "life", "restored");
    removeSnapshots();
    assertNothingLeft();
  }

  private String onlySnapshot() {
    try (EmulatedEc2 ec2 = cloud.ec2()) {
      assertThat(ec2.snapshots()).hasSize(1);
      return ec2.snapshots().getFirst();
    }
  }

  private static long kibibytes(String line) {
    return Long.parseLong(line.split(" +", -1)[1]);
  }

  @Test
  void aCloneIsRefusedWithAWordOnTheCloudAndLeavesNothing() {
    Containers containers = bed.containers();
    containers.create("original", "backend=ebs", "size=1GiB");
    containers.run("original", "echo kept > /m/f");
    Output refused = containers.tryCreate("clone", "backend=ebs", "sourceVolume=original");
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.err()).contains("clone", "This cloud does not have that call");
    assertThat(containers.run("original", "cat /m/f").text()).isEqualTo("kept");
    bed.engine().docker("volume", "rm", "original");
    assertNothingLeft();
  }
}
