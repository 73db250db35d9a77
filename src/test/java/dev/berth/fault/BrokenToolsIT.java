package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.HiddenFiles;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A host without a program or a loop device, and one whose programs hang. */
@RequiresSystem(engine = false)
class BrokenToolsIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.berthOnly().with("BERTH_LIMITS_LONG_CALL", "10s"));

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @ParameterizedTest
  @CsvSource({
    "losetup, mount, ext4",
    "blkid, util-linux, ext4",
    "mkfs.ext4, e2fsprogs, ext4",
    "e2fsck, e2fsprogs, ext4",
    "mkfs.xfs, xfsprogs, xfs",
    "mkfs.btrfs, btrfs-progs, btrfs",
    "mount, mount, ext4"
  })
  void aMissingOneIsNamedWithItsPackage(String tool, String debianPackage, String type) {
    String volume = "missing-" + tool;
    BED.client().create(volume, Map.of("fsType", type, "size", "512MiB")).orFail();
    BED.tools().unwrap(tool);
    try (HiddenFiles hidden = HiddenFiles.of(program(tool))) {
      assertThat(hidden.isEmpty()).isFalse();
      assertThat(BED.client().mount(volume, "x").failed().error())
          .contains("volume " + volume)
          .contains("the program %s is not installed".formatted(tool))
          .contains("install the package " + debianPackage);
    } finally {
      BED.tools().wrap(tool);
    }
    assertUsable(volume);
  }

  @Test
  void aHostWithoutFreeLoopDevicesSaysSo() throws IOException {
    BED.client().create("loopless", Map.of()).orFail();
    List<Path> present = loopDevices();
    try (HiddenFiles _ = HiddenFiles.of(present);
        HiddenFiles _ = HiddenFiles.of(addedTo(present))) {
      assertThat(BED.client().mount("loopless", "x").failed().error())
          .contains("volume loopless")
          .contains("loop device");
      assertThat(BED.client().names()).containsExactly("loopless");
    }
    assertUsable("loopless");
  }

  @ParameterizedTest
  @ValueSource(strings = {"losetup", "blkid", "mkfs.ext4", "mount"})
  void oneThatHangsIsToldInTimeAndHurtsNoOther(String tool) {
    String volume = "hanging-" + tool;
    BED.client().create(volume, Map.of()).orFail();
    BED.tools().delayBefore(tool, "/" + volume + ".", Duration.ofSeconds(40));
    Future<Reply> mount = Async.start(() -> BED.client().mount(volume, "x"));
    await().atMost(LIMIT).until(() -> BED.tools().hits(tool, "/" + volume + ".") == 1);
    assertUsable("other");
    assertThat(BED.client().get(volume).orFail().volume().path("Name").asText()).isEqualTo(volume);
    assertThat(Async.get(mount, LIMIT).failed().error())
        .contains("volume " + volume)
        .containsAnyOf("in progress", "still running");
    BED.tools().clear();
    await().atMost(LIMIT).until(() -> BED.client().mount(volume, "again").error().isEmpty());
    BED.client().unmount(volume, "again").orFail();
    BED.awaitReleased(volume);
    assertThat(BED.tools().runs("mkfs.ext4", "/" + volume + ".")).isLessThanOrEqualTo(1);
  }

  private static void assertUsable(String volume) {
    BED.client().create(volume, Map.of()).orFail();
    BED.client().mount(volume, "later").orFail();
    BED.client().unmount(volume, "later").orFail();
    BED.awaitReleased(volume);
  }

  private static List<Path> program(String tool) {
    return Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
        .map(directory -> Path.of(directory, tool))
        .filter(Files::exists)
        .map(BrokenToolsIT::real)
        .distinct()
        .toList();
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** By tests beside this one, while the others were being hidden. */
  private static List<Path> addedTo(List<Path> before) throws IOException {
    return loopDevices().stream().filter(device -> !before.contains(device)).toList();
  }

  /** The one that makes new ones, and those there are. */
  private static List<Path> loopDevices() throws IOException {
    try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
      return devices
          .filter(device -> device.getFileName().toString().matches("loop(\\d+|-control)"))
          .toList();
    }
  }
}
