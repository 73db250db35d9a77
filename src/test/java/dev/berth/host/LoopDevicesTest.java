package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Namespaces;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.SmallDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresRoot
class LoopDevicesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final ProcessCommandRunner system = new ProcessCommandRunner();
  private final LoopDevices loops = new LoopDevices(system);

  @TempDir Path directory;

  @AfterEach
  void leaveNoDevice() {
    loops.detachFrom(directory.resolve("first"));
    loops.detachFrom(directory.resolve("second"));
    loops.detachOrphans(directory);
  }

  /** losetup gives the lowest free device, so one that was just freed is the next to be taken. */
  @Test
  void aDeviceThatIsTakenAgainAtOnceWasFreed() throws IOException {
    Path device = loops.attach(file("first"));
    Path second = file("second");
    LoopDevices slow =
        new LoopDevices(
            new CommandRunner() {
              @Override
              public Optional<Path> locate(Tool tool) {
                return system.locate(tool);
              }

              @Override
              public CommandResult run(Command command) {
                CommandResult result = system.run(command);
                system
                    .run(Command.of(Tool.LOSETUP, "--", device.toString(), second.toString()))
                    .orFail();
                return result;
              }
            });
    slow.detach(device);
    assertThat(loops.find(directory.resolve("first"))).isEmpty();
    assertThat(loops.find(second)).hasValue(device);
  }

  /** Nothing of this is decided by what sysfs calls the file. */
  @ParameterizedTest
  @ValueSource(strings = {"as it is", "tmpfs", "ext4", "xfs", "btrfs", "overlay"})
  void oneOfANamespaceThatHasEndedIsTheFilesOwn(String filesystem) throws IOException {
    try (SmallDisk disk = SmallDisk.of(filesystem, directory)) {
      Path file = file(disk.place().resolve("image"));
      Path device = Namespaces.attachAndEnd(file);
      assertThat(LoopDevices.backingFile(device)).hasValue("/image");
      assertThat(loops.find(file)).hasValue(device);
      loops.verify(device, file);
      Path attached = loops.attach(file);
      assertThat(devicesOver(file)).containsExactly(attached);
      assertThat(LoopDevices.backingFile(attached)).hasValue(file.toString());
      loops.detachFrom(file);
      assertThat(devicesOver(file)).isEmpty();
    }
  }

  @Test
  void oneThatANamespaceStillUsesIsUsedAgain() throws IOException {
    Path file = formatted("first");
    Path device = Namespaces.attachAndEnd(file);
    ProcessHandle user = Namespaces.mounting(device, place());
    try {
      assertThat(loops.attach(file)).isEqualTo(device);
      assertThat(devicesOver(file)).containsExactly(device);
      assertThatThrownBy(() -> loops.detach(device))
          .isInstanceOf(HostException.Unexpected.class)
          .hasMessageContaining("still open or mounted");
    } finally {
      end(user);
    }
    await().atMost(LIMIT).until(() -> devicesOver(file).isEmpty());
  }

  @Test
  void anIdleSecondOneIsTakenOffAndOneInUseIsRefused() throws IOException {
    Path file = formatted("first");
    losetup(file);
    Path other = Path.of(losetup(file));
    ProcessHandle user = Namespaces.mounting(other, place());
    try {
      assertThat(loops.attach(file)).isEqualTo(other);
      assertThat(devicesOver(file)).containsExactly(other);
      Path second = Path.of(losetup(file));
      ProcessHandle another = Namespaces.mounting(second, place());
      try {
        assertThatThrownBy(() -> loops.attach(file))
            .isInstanceOf(HostException.Unexpected.class)
            .hasMessageContaining("is in use through")
            .hasMessageContaining(second.toString());
      } finally {
        end(another);
      }
      await().atMost(LIMIT).until(() -> !BlockDevice.at(second).claimed());
      assertThat(loops.attach(file)).isEqualTo(other);
    } finally {
      end(user);
    }
    await().atMost(LIMIT).until(() -> !BlockDevice.at(other).claimed());
    loops.detachFrom(file);
    assertThat(devicesOver(file)).isEmpty();
  }

  @Test
  void aReadOnlyOneIsRefused() throws IOException {
    Path file = file("first");
    Run.of("losetup", "--find", "--read-only", file.toString()).succeed();
    assertThatThrownBy(() -> loops.attach(file))
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessageContaining("read-only");
  }

  @Test
  void oneOverADeletedFileIsFoundAndFreed() throws IOException {
    Path file = file("first");
    Path device = loops.attach(file);
    Files.delete(file);
    assertThat(loops.find(file)).hasValue(device);
    assertThat(BlockDevice.at(device).backingFileDeleted()).isTrue();
    loops.detachFrom(file);
    assertThat(loops.find(file)).isEmpty();
  }

  @Test
  void orphansOfTheDirectoryGoUnlessTheyAreUsed() throws IOException {
    Path used = formatted("first");
    Path idle = file("second");
    Path usedDevice = loops.attach(used);
    Path idleDevice = Namespaces.attachAndEnd(idle);
    ProcessHandle user = Namespaces.mounting(usedDevice, place());
    try {
      Files.delete(used);
      Files.delete(idle);
      assertThat(loops.detachOrphans(directory.resolve("elsewhere"))).isEmpty();
      assertThat(loops.detachOrphans(directory)).containsExactly(idleDevice);
      assertThat(loops.detachOrphans(directory)).isEmpty();
    } finally {
      end(user);
    }
    await().atMost(LIMIT).until(() -> loops.detachOrphans(directory).equals(List.of(usedDevice)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"as it is", "ext4", "xfs", "btrfs", "overlay"})
  void whatIsWrittenGoesPastThePageCache(String filesystem) throws IOException {
    try (SmallDisk disk = SmallDisk.of(filesystem, directory)) {
      Path file = file(disk.place().resolve("image"));
      Path device = loops.attach(file);
      assertThat(dio(device)).isEqualTo("1");
      assertThat(BlockDevice.at(device).risk()).isEmpty();
      assertThat(LoopDevices.directIoObstacle(file)).isEmpty();
      assertThat(LoopDevices.bufferedIn(disk.place())).isEmpty();
      loops.detachFrom(file);
    }
  }

  @Test
  void whereItCannotItIsSaidOfDeviceAndDirectory() throws IOException {
    try (SmallDisk disk = SmallDisk.of("ramfs", directory)) {
      Path file = file(disk.place().resolve("image"));
      Path device = loops.attach(file);
      assertThat(dio(device)).isEqualTo("0");
      assertThat(BlockDevice.at(device).risk().orElseThrow())
          .contains(device.toString())
          .contains("ramfs has none")
          .contains("lose what was fsynced");
      assertThat(LoopDevices.bufferedIn(disk.place())).hasSize(1);
      assertThat(LoopDevices.directIoObstacle(file)).hasValue("ramfs has none");
      loops.detachFrom(file);
    }
  }

  @Test
  void oneWithoutThatIsSwitchedUnlessItIsInUse() throws IOException {
    Path file = formatted("first");
    Path device = Path.of(losetup(file));
    ProcessHandle user = Namespaces.mounting(device, place());
    try {
      assertThat(loops.attach(file)).isEqualTo(device);
      assertThat(dio(device)).isEqualTo("0");
      assertThat(BlockDevice.at(device).risk().orElseThrow()).contains("from its next mount on");
    } finally {
      end(user);
    }
    await().atMost(LIMIT).until(() -> !BlockDevice.at(device).claimed());
    assertThat(loops.attach(file)).isEqualTo(device);
    assertThat(dio(device)).isEqualTo("1");
  }

  /**
   * @param make what makes the filesystem on a device with sectors of 512 bytes
   * @param largest what the caller says may be made there
   */
  @ParameterizedTest
  @CsvSource({
    "none, 4096, 4096",
    "none, 1024, 512",
    "none, 512, 512",
    "mkfs.ext4 -q -b 4096, 512, 4096",
    "mkfs.ext4 -q -b 1024, 4096, 512",
    "mkfs.xfs -q, 4096, 512",
    "mkfs.xfs -q -s size=4096, 512, 4096",
    "mkfs.btrfs -q, 512, 4096"
  })
  void onADiskWithLargeSectorsTheDeviceHasThoseThatItsFilesystemBears(
      String make, int largest, int sectors) throws IOException {
    try (SmallDisk disk = SmallDisk.of("4k", directory)) {
      Path file = disk.place().resolve("image");
      Run.of("truncate", "--size", "320M", file.toString()).succeed();
      if (!make.equals("none")) {
        Run.of("sh", "-c", make + " " + file).succeed();
      }
      Path device = loops.attach(file, largest);
      assertThat(queue(device, "logical_block_size")).isEqualTo("" + sectors);
      assertThat(dio(device)).isEqualTo(sectors == 4096 ? "1" : "0");
      assertThat(BlockDevice.at(device).risk().map(why -> why.contains("pieces of 4096 bytes")))
          .isEqualTo(sectors == 4096 ? Optional.empty() : Optional.of(true));
      if (!make.equals("none")) {
        Path place = place();
        Run.of("mount", device.toString(), place.toString()).succeed();
        Run.of("umount", place.toString()).succeed();
      }
      loops.detachFrom(file);
    }
  }

  /** The kernel keeps with a loop device that it takes no discards, whatever file it gets next. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneThatTookNoDiscardsIsNotUsedForTheNextFile(boolean detachedByUs) throws IOException {
    Path first = file("first");
    Path device = loops.attach(first);
    Discards.forbid(device);
    assertThat(Discards.forbidden(device)).isTrue();
    if (detachedByUs) {
      loops.detachFrom(first);
    } else {
      Run.of("losetup", "--detach", device.toString()).succeed();
      await().atMost(LIMIT).until(() -> loops.find(first).isEmpty());
    }
    Path next = loops.attach(file("second"));
    assertThat(Discards.forbidden(next)).isFalse();
    assertThat(queue(next, "discard_max_bytes")).isNotEqualTo("0");
  }

  private static String dio(Path device) throws IOException {
    return Files.readString(Path.of("/sys/block", device.getFileName() + "", "loop/dio")).strip();
  }

  private static String queue(Path device, String fact) throws IOException {
    return Files.readString(Path.of("/sys/block", device.getFileName() + "", "queue", fact))
        .strip();
  }

  private static void end(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  private Path place() throws IOException {
    return Files.createTempDirectory(directory, "place");
  }

  private Path formatted(String name) throws IOException {
    Path file = directory.resolve(name);
    Run.of("truncate", "--size", "16M", file.toString()).succeed();
    Run.of("mkfs.ext4", "-q", file.toString()).succeed();
    return file;
  }

  private static String losetup(Path file) {
    return Run.of("losetup", "--find", "--show", file.toString()).succeed().text();
  }

  /** By the kernel's word: losetup compares device and inode as well. */
  private static List<Path> devicesOver(Path file) {
    return Run.of("losetup", "--noheadings", "--output", "NAME", "--associated", file.toString())
        .succeed()
        .lines()
        .stream()
        .map(line -> Path.of(line.strip()))
        .toList();
  }

  private Path file(String name) throws IOException {
    return file(directory.resolve(name));
  }

  private static Path file(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(1 << 20);
    }
    return file;
  }
}
