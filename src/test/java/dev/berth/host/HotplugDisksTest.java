package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.RequiresRoot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against trees of the kernel's shape whose nodes are loop devices. */
@RequiresRoot
class HotplugDisksTest {
  private static final String SERIAL = "vol0123456789abcdef0";
  private final LoopDevices loops = new LoopDevices(new ProcessCommandRunner());
  private final List<Path> attached = new ArrayList<>();

  @TempDir Path directory;
  private HotplugDisks disks;

  @BeforeEach
  void makeTree() throws IOException {
    Files.createDirectories(directory.resolve("sys/block"));
    Files.createDirectories(directory.resolve("dev"));
    disks = new HotplugDisks(directory.resolve("sys/block"), directory.resolve("dev"));
  }

  @AfterEach
  void leaveNoDevice() {
    attached.forEach(loops::detach);
  }

  private BlockDevice loop() throws IOException {
    Path file = directory.resolve("disk" + attached.size());
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(1 << 20);
    }
    Path device = loops.attach(file);
    attached.add(device);
    return BlockDevice.at(device);
  }

  private void describe(String name, String attribute, String text, BlockDevice device)
      throws IOException {
    Path disk = Files.createDirectories(directory.resolve("sys/block").resolve(name));
    Files.createDirectories(disk.resolve("device"));
    Files.writeString(disk.resolve("device").resolve(attribute), text);
    Files.writeString(disk.resolve("dev"), device.number() + "\n");
  }

  private BlockDevice nvme(String name, String serial) throws IOException {
    BlockDevice device = loop();
    describe(name, "serial", "%-20s\n".formatted(serial), device);
    Files.createSymbolicLink(directory.resolve("dev").resolve(name), device.path());
    return device;
  }

  @Test
  void theSerialNumberTellsWhateverTheName() throws IOException {
    nvme("nvme1n1", "vol0fedcba9876543210");
    BlockDevice device = nvme("nvme7n2", SERIAL);
    assertThat(disks.bySerial(SERIAL)).contains(device);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vol0123456789abcdef01", "vol0123456789abcdef", "vol-0123456789abcdef0", "", "x"})
  void anythingButExactlyThatSerialNumberIsAnotherDisk(String serial) throws IOException {
    nvme("nvme1n1", serial);
    assertThat(disks.bySerial(SERIAL)).isEmpty();
  }

  @Test
  void aPathOfAMultipathDiskIsPassedOver() throws IOException {
    BlockDevice device = nvme("nvme1n2", SERIAL);
    describe("nvme1c2n2", "serial", SERIAL, device);
    assertThat(disks.bySerial(SERIAL)).contains(device);
  }

  @Test
  void aDiskIsNotThereBeforeItsNodeIs() throws IOException {
    describe("nvme1n1", "serial", SERIAL, loop());
    assertThat(disks.bySerial(SERIAL)).isEmpty();
  }

  @Test
  void aNodeThatIsStillThatOfAnotherDiskIsNotTaken() throws IOException {
    nvme("nvme1n1", SERIAL);
    Files.writeString(directory.resolve("sys/block/nvme1n1/dev"), "259:9\n");
    assertThat(disks.bySerial(SERIAL)).isEmpty();
  }

  @Test
  void twoDisksOfOneSerialNumberAreNotChosenFrom() throws IOException {
    nvme("nvme1n1", SERIAL);
    nvme("nvme2n1", SERIAL);
    assertThatThrownBy(() -> disks.bySerial(SERIAL))
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessageContaining(SERIAL);
  }

  @Test
  void aDiskThatIsAnotherOneByNowIsRefused() throws IOException {
    BlockDevice device = nvme("nvme1n1", SERIAL);
    disks.verifySerial(device, SERIAL);
    Files.writeString(directory.resolve("sys/block/nvme1n1/device/serial"), "vol0000");
    assertThatThrownBy(() -> disks.verifySerial(device, SERIAL))
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessageContaining("no longer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/sdf", "/dev/xvdf", "xvdf", "sdf"})
  void aXenDiskIsFoundByWhatItWasAttachedAs(String requested) throws IOException {
    BlockDevice device = loop();
    describe("xvdf", "devtype", "vbd\n", device);
    Files.createSymbolicLink(directory.resolve("dev/xvdf"), device.path());
    assertThat(disks.byXenName(requested)).contains(device);
    assertThat(disks.byXenName("/dev/sdg")).isEmpty();
  }

  @Test
  void aDiskThatIsNotOfXenIsNeverFoundByName() throws IOException {
    BlockDevice device = loop();
    describe("sdf", "vendor", "ATA\n", device);
    Files.createSymbolicLink(directory.resolve("dev/sdf"), device.path());
    assertThat(disks.byXenName("/dev/sdf")).isEmpty();
    assertThat(disks.byXenName("/dev/../etc/passwd")).isEmpty();
  }

  @Test
  void aHostWithoutDisksHasNone() {
    assertThat(new HotplugDisks(directory.resolve("none"), directory).bySerial(SERIAL)).isEmpty();
  }
}
