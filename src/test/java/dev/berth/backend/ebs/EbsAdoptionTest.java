package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.backend.VolumeFixture;
import dev.berth.backend.block.BlockBackend;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.Fault;
import dev.berth.host.BlockDevice;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.Namespaces;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes that Berth did not make, and that this instance may have had before. */
@Rule(14)
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsAdoptionTest extends VolumeFixture {
  @TempDir Path directory;
  @AutoClose private Ec2Simulator simulator;
  private EbsHost host;
  private EbsStore outside;
  private Volume disk;
  private String id;

  @BeforeEach
  void start() {
    simulator = Ec2Simulator.withDevices(directory.resolve("cloud"));
    host = EbsHost.on(simulator, directory.resolve("root"));
    outside =
        new EbsStore(
            EbsHost.cloud(
                EbsHost.config(simulator, host.instance(), directory.resolve("outside"))));
    disk = StoreBed.made(outside, "outside");
    id = disk.made().ref().value();
    // It was never Berth's.
    outside.giveUp(disk);
  }

  @Override
  protected BlockBackend backend() {
    return host.backend();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "1GiB");
  }

  private Volume adopt(String name) {
    return create(name, Map.of("volumeId", id));
  }

  private void format(BlockDevice device) {
    Run.of("mkfs.ext4", "-q", device.path().toString()).succeed();
  }

  @Test
  void whatAnInstanceHasIsNotAdopted() {
    outside.attach(disk);
    assertThatThrownBy(() -> adopt("mine"))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("mine")
        .hasMessageContaining(id + " is attached to instance " + host.instance())
        .hasMessageContaining("detach it first");
    outside.detach(disk);
    adopt("mine");
  }

  @Test
  void whatARunningInstanceHasStaysThere() {
    String other = simulator.runInstance();
    simulator.attach(id, other, "/dev/sdf");
    assertThatThrownBy(() -> adopt("mine"))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("to instance " + other);
    assertThat(simulator.calls().of("DetachVolume")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnInstanceHasThatIsGoneIsTakenOver(boolean stopped) {
    format(outside.attach(disk));
    outside.detach(disk);
    Awaitility.await("available")
        .atMost(Duration.ofSeconds(60))
        .until(() -> simulator.volume(id).orElseThrow().attachment().isEmpty());
    String other = simulator.runInstance();
    simulator.attach(id, other, "/dev/sdf");
    if (stopped) {
      simulator.stopInstance(other);
    } else {
      simulator.terminateInstance(other);
    }
    // It goes through states in which it is not gone yet.
    Awaitility.await("adopted")
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(VolumeException.InUse.class)
        .until(() -> adopt("mine").name().value().equals("mine"));
    assertThat(mount(require(new VolumeName("mine")))).isDirectory();
    assertThat(simulator.volume(id).orElseThrow().attachment().orElseThrow().instanceId())
        .isEqualTo(host.instance());
  }

  /** It could not start any more. */
  @Test
  void theRootDiskOfAStoppedInstanceStaysThere() {
    String other = simulator.runInstance();
    simulator.attach(id, other, "/dev/sda1");
    simulator.stopInstance(other);
    assertThatThrownBy(() -> adopt("mine"))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("to instance " + other + " as /dev/sda1");
    assertThat(simulator.calls().of("DetachVolume")).isZero();
  }

  @Test
  void whatBerthHasAdoptedAndAttachedIsCreatedAgain() {
    format(outside.attach(disk));
    outside.detach(disk);
    Volume adopted = adopt("mine");
    mount(adopted);
    assertThat(backend().provision(require(adopted.name()), this).ref())
        .isEqualTo(adopted.made().ref());
  }

  /** Formats the disk and does that to its filesystem. */
  private void prepare(String command) {
    BlockDevice device = outside.attach(disk);
    format(device);
    Path place = directory.resolve("place");
    Run.of("mkdir", "-p", place.toString()).succeed();
    Run.of("mount", device.path().toString(), place.toString()).succeed();
    try {
      Run.of("sh", "-c", command, "sh", place.toString()).succeed();
    } finally {
      Run.of("umount", place.toString()).succeed();
    }
    outside.detach(disk);
  }

  private void refusesToMount(Volume adopted, String reason) {
    assertThatThrownBy(() -> mount(adopted))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("cannot mount volume mine")
        .hasMessageContaining(reason);
    assertThat(backend().observe(adopted)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void whatIsReadOnlyAndHasNoDirectoryForContainersIsNotMounted() {
    prepare("true");
    refusesToMount(
        create("mine", Map.of("volumeId", id, "mountOptions", "ro")), "has no directory _data");
  }

  @Test
  void whatIsReadOnlyIsMountedTwice() {
    prepare("mkdir $1/_data");
    Volume adopted = create("mine", Map.of("volumeId", id, "mountOptions", "ro"));
    assertThat(mount(adopted)).isEqualTo(mount(adopted)).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"_data", "_data.part"})
  void aLinkThatLeadsToTheHostIsNotFollowed(String name) throws IOException {
    Path target = Files.createDirectory(directory.resolve("target"));
    prepare("ln -s %s $1/%s".formatted(target, name));
    refusesToMount(
        create("mine", Map.of("volumeId", id, "mode", "0777")),
        name + " of its filesystem is a symbolic link");
    assertThat(Files.getPosixFilePermissions(target))
        .doesNotContain(PosixFilePermission.OTHERS_WRITE);
  }

  @Test
  void aMountThatFailsAndARemovalLeaveTheDiskThatTheHostUses(@TempDir Path place)
      throws IOException {
    Volume adopted = adopt("mine");
    BlockDevice device = outside.attach(disk);
    format(device);
    Run.of("mount", device.path().toString(), place.toString()).succeed();
    ProcessHandle user = Namespaces.holding(place);
    try {
      Run.of("umount", place.toString()).succeed();
      assertThatThrownBy(() -> mount(adopted)).isInstanceOf(VolumeException.class);
      assertThatThrownBy(() -> backend().unmount(adopted))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining("mine");
      assertThat(simulator.calls().of("DetachVolume")).isZero();
      assertThat(outside.attached(disk)).contains(device);
    } finally {
      user.destroyForcibly();
      user.onExit().join();
    }
  }

  /** As a tool of its owner does. */
  private void tag(String key, String value) {
    simulator.tag(id, key, value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "berth:volume-id",
        "kubernetes.io/created-for/pv/name",
        "kubernetes.io/cluster/prod",
        "ebs.csi.aws.com/cluster",
        "CSIVolumeName"
      })
  void whatIsSomebodysByItsTagsIsNotAdopted(String key) {
    tag(key, "theirs\nforged");
    assertThatThrownBy(() -> adopt("mine"))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContainingAll(
            id, key + "=theirs?forged", "aws ec2 delete-tags --resources " + id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "snapshot"})
  void whatBerthDidNotMakeIsNotCreatedToBeDeleted(String onRemove) {
    assertThatThrownBy(() -> create("mine", Map.of("volumeId", id, "onRemove", onRemove)))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContainingAll(id, "onRemove=" + onRemove, "berth.ebs.delete-adopted");
  }

  /** A row of before, or of a host on which that was allowed. */
  @Test
  void whatBerthDidNotMakeIsNotDeletedWhateverItsRowSays() {
    BlockBackend allowing =
        EbsHost.backend(
            EbsHost.config(simulator, host.instance(), directory.resolve("root")).deletingAdopted(),
            EbsHost.QUICK);
    Map<String, String> given = Map.of("volumeId", id, "onRemove", "delete");
    VolumeOptions complete =
        allowing.prepare(new VolumeName("mine"), backend().traits().schema().parse(given), this);
    Volume volume = adopt("mine").with(complete);
    backend().deprovision(volume);
    assertThat(simulator.volumes()).extracting(v -> v.id()).contains(id);
    allowing.deprovision(volume);
    assertThat(simulator.calls().of("DeleteVolume")).isOne();
  }

  /** Nobody may be in the way of a removal that keeps the data. */
  @Test
  void whatIsGivenUpLosesTheTagOfItsOwnerIfEc2LetsIt() {
    Volume volume = create("kept", options());
    String kept = volume.made().ref().value();
    Fault fault = simulator.fail("DeleteTags", "UnauthorizedOperation").always();
    backend().giveUp(volume);
    fault.assertFired();
    assertThat(tags(kept)).containsKey("berth:volume-id");
    simulator.clearFaults();
    backend().giveUp(volume);
    backend().giveUp(volume);
    assertThat(tags(kept)).doesNotContainKey("berth:volume-id").containsKey("berth:volume");
    assertThat(tags(id)).doesNotContainKey("berth:volume-id");
  }

  private Map<String, String> tags(String of) {
    return simulator.volumes().stream()
        .filter(candidate -> candidate.id().equals(of))
        .findFirst()
        .orElseThrow()
        .tags();
  }
}
