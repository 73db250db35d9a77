package dev.berth.ec2sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.ec2sim.device.Decoy;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresRoot
class DevicesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;
  private SimulatorBed bed;
  private Path host;

  @BeforeEach
  void start() {
    bed = SimulatorBed.of(Ec2Simulator.withDevices(directory));
    host = bed.simulator().hostRoot(bed.instance());
  }

  @AfterEach
  void leaveNothing() {
    bed.close();
    new LeftoverCheck(directory).failIfAny();
  }

  private List<String> names() {
    try (Stream<Path> entries = Files.list(host.resolve("sys/block"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Optional<String> nameOf(String volume) {
    String serial = volume.replace("-", "");
    return names().stream()
        .filter(name -> name.matches("nvme\\d+n\\d+"))
        .filter(
            name ->
                Traces.read(host.resolve("sys/block").resolve(name).resolve("device/serial"))
                    .strip()
                    .equals(serial))
        .findFirst();
  }

  private Path nodeOf(String volume) {
    await("device of " + volume).atMost(LIMIT).until(() -> nameOf(volume).isPresent());
    Path node = host.resolve("dev").resolve(nameOf(volume).orElseThrow());
    await("node").atMost(LIMIT).until(() -> Files.exists(node));
    return node;
  }

  @Test
  void anAttachedVolumeIsADeviceWithItsSerialAndSize() {
    String volume = bed.attached("/dev/xvdaa");

    Path node = nodeOf(volume);
    Path sysfs = host.resolve("sys/block").resolve(node.getFileName());
    assertThat(Traces.read(sysfs.resolve("device/serial"))).hasSize(21).startsWith("vol0");
    assertThat(Traces.read(sysfs.resolve("size")).strip()).isEqualTo(String.valueOf(1L << 21));
    assertThat(Run.of("blockdev", "--getsize64", node.toString()).succeed().text())
        .isEqualTo(String.valueOf(1L << 30));
    assertThat(node.getFileName().toString()).matches("nvme[1-9][0-9]*n1");
  }

  @Test
  void nodeNumbersDoNotFollowTheOrderOfAttaching() {
    Path first = nodeOf(bed.attached("/dev/xvdaa"));
    Path second = nodeOf(bed.attached("/dev/xvdab"));

    assertThat(second.getFileName().toString()).isLessThan(first.getFileName().toString());
  }

  @Test
  void aDetachedVolumeHasNoDeviceAndKeepsItsBytes() throws IOException {
    String volume = bed.attached("/dev/xvdaa");
    write(volume, 42);

    bed.client().detachVolume(r -> r.volumeId(volume).instanceId(bed.instance()));
    bed.awaitAttachment(volume, "none");
    assertThat(names()).isEmpty();
    assertThat(new Traces(directory.toRealPath()).loopDevices()).isEmpty();

    bed.attach(volume, "/dev/xvdab");
    assertThat(read(volume)).isEqualTo(42);
  }

  @Test
  void detachingAMountedVolumeIsBusyUntilItIsUnmounted() throws IOException {
    String volume = bed.attached("/dev/xvdaa");
    Path node = nodeOf(volume);
    Path mountpoint = Files.createDirectory(directory.resolve("mnt"));
    Run.of("mkfs.ext4", "-q", node.toString()).succeed();
    Run.of("mount", node.toString(), mountpoint.toString()).succeed();

    bed.client().detachVolume(r -> r.volumeId(volume).instanceId(bed.instance()));
    bed.awaitAttachment(volume, "busy");
    assertThat(node).exists();

    Run.of("umount", mountpoint.toString()).succeed();
    bed.awaitAttachment(volume, "none");
    assertThat(node).doesNotExist();
  }

  @Test
  void aForcedDetachTearsTheDeviceFromUnderTheMount() throws IOException {
    String volume = bed.attached("/dev/xvdaa");
    Path node = nodeOf(volume);
    Path mountpoint = Files.createDirectory(directory.resolve("mnt"));
    Run.of("mkfs.ext4", "-q", node.toString()).succeed();
    Run.of("mount", node.toString(), mountpoint.toString()).succeed();
    Files.writeString(mountpoint.resolve("before"), "kept");
    Run.of("sync", "--file-system", mountpoint.toString()).succeed();

    bed.client().detachVolume(r -> r.volumeId(volume).instanceId(bed.instance()).force(true));
    bed.awaitAttachment(volume, "none");
    assertThat(bed.simulator().history().count(History.Kind.TORN)).isEqualTo(1);
    Files.writeString(mountpoint.resolve("after"), "lost");
    Run.of("umount", mountpoint.toString()).succeed();

    bed.attach(volume, "/dev/xvdaa");
    Run.of("mount", nodeOf(volume).toString(), mountpoint.toString()).succeed();
    assertThat(mountpoint.resolve("before")).hasContent("kept");
    assertThat(mountpoint.resolve("after")).doesNotExist();
    Run.of("umount", mountpoint.toString()).succeed();
  }

  @Test
  void aGrownVolumeIsALargerDevice() {
    String volume = bed.attached("/dev/xvdaa");
    Path node = nodeOf(volume);

    bed.client().modifyVolume(r -> r.volumeId(volume).size(3));

    await("grown")
        .atMost(LIMIT)
        .until(
            () ->
                Run.of("blockdev", "--getsize64", node.toString())
                    .succeed()
                    .text()
                    .equals(String.valueOf(3L << 30)));
    assertThat(Traces.read(host.resolve("sys/block").resolve(node.getFileName()).resolve("size")))
        .isEqualTo((3L << 21) + "\n");
  }

  @Test
  void snapshotsAndCopiesHaveTheBytesOfTheirMoment() throws IOException {
    String volume = bed.attached("/dev/xvdaa");
    write(volume, 1);
    String snapshot = bed.client().createSnapshot(r -> r.volumeId(volume)).snapshotId();
    String copy =
        bed.client().copyVolumes(r -> r.sourceVolumeId(volume)).volumes().getFirst().volumeId();
    write(volume, 2);
    await("completed")
        .atMost(LIMIT)
        .until(() -> bed.simulator().snapshots().getFirst().completed());
    String restored =
        bed.client()
            .createVolume(r -> r.availabilityZone(Ec2Simulator.ZONE).snapshotId(snapshot).size(2))
            .volumeId();
    bed.awaitStatus(copy, "available");
    bed.awaitStatus(restored, "available");
    bed.attach(copy, "/dev/xvdab");
    bed.attach(restored, "/dev/xvdac");

    assertThat(read(volume)).isEqualTo(2);
    assertThat(read(copy)).isEqualTo(1);
    assertThat(read(restored)).isEqualTo(1);
    assertThat(Run.of("blockdev", "--getsize64", nodeOf(restored).toString()).succeed().text())
        .isEqualTo(String.valueOf(2L << 30));
  }

  private void write(String volume, int value) throws IOException {
    try (FileChannel device = FileChannel.open(nodeOf(volume), StandardOpenOption.WRITE)) {
      device.write(ByteBuffer.wrap(new byte[] {(byte) value}));
      device.force(true);
    }
  }

  private int read(String volume) throws IOException {
    try (var in = Files.newInputStream(nodeOf(volume))) {
      return in.read();
    }
  }

  @Test
  void decoysComeAndGoWithTheVolume() throws IOException {
    bed.simulator()
        .decoys(bed.instance(), Decoy.MULTIPATH, Decoy.LONGER_SERIAL, Decoy.SHORTER_SERIAL);

    String volume = bed.attached("/dev/xvdaa");
    Path node = nodeOf(volume);

    assertThat(names()).hasSize(4);
    String hidden = names().stream().filter(name -> name.contains("c")).findFirst().orElseThrow();
    assertThat(serial(hidden)).isEqualTo(serial(node.getFileName().toString()));
    assertThat(host.resolve("dev").resolve(hidden)).doesNotExist();
    assertThat(names().stream().map(this::serial))
        .contains(volume.replace("-", "") + "0", volume.replace("-", "").substring(0, 19));
    bed.client().detachVolume(r -> r.volumeId(volume));
    bed.awaitAttachment(volume, "none");
    assertThat(names()).isEmpty();
    assertThat(new Traces(directory.toRealPath()).loopDevices()).isEmpty();
  }

  private String serial(String name) {
    return Traces.read(host.resolve("sys/block").resolve(name).resolve("device/serial")).strip();
  }

  @Test
  void aVolumeComesBackAsAnotherNamespaceWhileItsDeadMountIsThere() throws IOException {
    String volume = bed.attached("/dev/xvdaa");
    Path first = nodeOf(volume);
    Path mountpoint = Files.createDirectory(directory.resolve("mnt"));
    Run.of("mkfs.ext4", "-q", first.toString()).succeed();
    Run.of("mount", first.toString(), mountpoint.toString()).succeed();
    bed.client().detachVolume(r -> r.volumeId(volume).force(true));
    bed.awaitAttachment(volume, "none");

    bed.attach(volume, "/dev/xvdaa");

    String expected = first.getFileName().toString().replaceFirst("n1$", "n2");
    assertThat(nodeOf(volume).getFileName().toString()).isEqualTo(expected);
    Run.of("umount", mountpoint.toString()).succeed();
  }

  @Test
  void aDiskOfXenHasANameAndNoSerial() {
    String xen =
        bed.simulator()
            .runInstance(Ec2Simulator.ZONE, new InstanceType("m3.medium", 40, true, true));
    String volume = bed.volume();

    bed.client().attachVolume(r -> r.volumeId(volume).instanceId(xen).device("/dev/sdf"));

    Path root = bed.simulator().hostRoot(xen);
    await("disk").atMost(LIMIT).until(() -> Files.exists(root.resolve("dev/xvdf")));
    assertThat(Traces.read(root.resolve("sys/block/xvdf/device/devtype"))).isEqualTo("vbd\n");
    assertThat(root.resolve("sys/block/xvdf/device/serial")).doesNotExist();
  }

  @Test
  void aStoppedInstanceLosesItsDevicesAndGetsThemBack() {
    String volume = bed.attached("/dev/xvdaa");
    nodeOf(volume);

    bed.simulator().stopInstance(bed.instance());
    await("no device").atMost(LIMIT).until(() -> names().isEmpty());
    await("stopped")
        .atMost(LIMIT)
        .until(
            () ->
                !bed.client()
                    .describeInstances(
                        r -> r.filters(SimulatorBed.filter("instance-state-name", "stopped")))
                    .reservations()
                    .isEmpty());

    bed.simulator().startInstance(bed.instance());
    nodeOf(volume);
    assertThat(bed.attachment(volume)).isEqualTo("attached");
  }

  @Test
  void anotherSimulatorInTheSameDirectoryFreesWhatWasLeft() throws IOException {
    nodeOf(bed.attached("/dev/xvdaa"));
    assertThat(new Traces(directory.toRealPath()).loopDevices()).hasSize(1);

    Ec2Simulator.withDevices(directory).close();

    await("freed")
        .atMost(LIMIT)
        .until(() -> new Traces(directory.toRealPath()).loopDevices().isEmpty());
  }
}
