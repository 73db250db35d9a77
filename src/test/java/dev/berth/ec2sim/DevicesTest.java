package dev.berth.ec2sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final Duration LIMIT = Duration.ofSeconds(30);

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
    Files.write(nodeOf(volume).toRealPath(), new byte[] {42});

    bed.client().detachVolume(r -> r.volumeId(volume).instanceId(bed.instance()));
    bed.awaitAttachment(volume, "none");
    assertThat(names()).isEmpty();
    assertThat(new Traces(directory.toRealPath()).loopDevices()).isEmpty();

    bed.attach(volume, "/dev/xvdab");
    try (var in = Files.newInputStream(nodeOf(volume))) {
      assertThat(in.read()).isEqualTo(42);
    }
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
}
