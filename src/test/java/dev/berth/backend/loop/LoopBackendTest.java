package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.berth.backend.ContentJournal;
import dev.berth.backend.Observed;
import dev.berth.backend.Observed.Health;
import dev.berth.backend.VolumeBackendContract;
import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.MountOptions;
import dev.berth.host.BlockDevice;
import dev.berth.host.LoopDevices;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.testing.FilesystemFailure;
import dev.berth.testing.Namespaces;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.SmallDisk;
import dev.berth.testing.Traces;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresRoot
class LoopBackendTest extends VolumeBackendContract {
  private static final long SIZE = 64L << 20;

  @TempDir Path root;
  private BlockBackend backend;

  @BeforeEach
  void open() {
    backend = LoopFixture.at(root);
  }

  @Override
  protected BlockBackend backend() {
    return backend;
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "64MiB");
  }

  private Path image(Volume volume) {
    return root.resolve("loop").resolve(volume.made().ref().value());
  }

  /** The ledger fails at the {@code count}th record, before it or after it is written. */
  @ParameterizedTest
  @CsvSource({"1,false", "1,true", "2,false", "2,true"})
  void aMountThatCannotBeRecordedIsUndoneAndDoneLater(int count, boolean written)
      throws IOException {
    Volume volume = create("unrecorded", options());
    AtomicInteger calls = new AtomicInteger();
    ContentJournal failing =
        (current, next) -> {
          boolean fails = calls.incrementAndGet() == count;
          Volume recorded = !fails || written ? record(current, next) : current;
          if (fails) {
            throw new VolumeException.UnknownOutcome("no answer", new IOException());
          }
          return recorded;
        };
    assertThatThrownBy(() -> backend.mount(volume, failing))
        .isInstanceOf(VolumeException.UnknownOutcome.class);
    assertThat(calls).hasValue(count);
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
    Files.writeString(mount(volume).resolve("x"), "kept");
    assertThat(backend.mountpoint(volume).resolve("x")).hasContent("kept");
    assertThat(require(volume.name()).made().content())
        .isEqualTo(new Content.Formatted(FilesystemType.EXT4, new ByteSize(SIZE)));
  }

  @Test
  void aMountThatEndsInAnErrorOfTheJvmIsUndone() throws IOException {
    Volume volume = create("starved", options());
    ContentJournal failing =
        (current, next) -> {
          throw new OutOfMemoryError("unable to create native thread");
        };
    assertThatThrownBy(() -> backend.mount(volume, failing)).isInstanceOf(OutOfMemoryError.class);
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
    assertThat(devicesOver(image(volume))).isEmpty();
    Files.writeString(mount(volume).resolve("x"), "kept");
  }

  /** The kernel frees a device that was detached while it was open as soon as it is closed. */
  @Test
  void aDeviceThatIsAboutToBeFreedIsKeptByTheMount() throws IOException {
    Volume volume = create("freed", options());
    Path device = new LoopDevices(new ProcessCommandRunner()).attach(image(volume));
    RandomAccessFile open = new RandomAccessFile(device.toFile(), "r");
    assertThatThrownBy(() -> backend.unmount(volume)).isInstanceOf(VolumeException.class);
    ContentJournal closing =
        (current, next) -> {
          closeQuietly(open);
          return record(current, next);
        };
    assertThat(backend.mount(volume, closing)).isEmptyDirectory();
    backend.unmount(volume);
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  /**
   * Two devices over one file are two filesystems in it, each of which writes over the other: what
   * a managed plugin that is disabled and enabled, or a container form that is restarted, had.
   */
  @Test
  void whatContainersOfAnEndedNamespaceUseIsOneFilesystemWithTheNextMount(@TempDir Path place)
      throws IOException {
    Volume volume = create("shared", options());
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend.unmount(require(volume.name()));
    Path device = Namespaces.attachAndEnd(image(volume));
    ProcessHandle container = Namespaces.mounting(device, place);
    try {
      Path seen = Path.of("/proc", container.pid() + "", "root" + place, "_data");
      Path mountpoint = mount(volume);
      assertThat(devicesOver(image(volume))).containsExactly(device.toString());
      assertThat(mountpoint.resolve("x")).hasContent("kept");
      Files.writeString(seen.resolve("y"), "of the container");
      assertThat(mountpoint.resolve("y")).hasContent("of the container");
      Files.writeString(mountpoint.resolve("z"), "of the next");
      assertThat(seen.resolve("z")).hasContent("of the next");
      assertThatThrownBy(() -> backend.unmount(volume)).isInstanceOf(VolumeException.class);
    } finally {
      container.destroyForcibly();
      container.onExit().join();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> devicesOver(image(volume)).isEmpty() || !BlockDevice.at(device).claimed());
    backend.unmount(volume);
    assertThat(devicesOver(image(volume))).isEmpty();
    assertThat(Run.of("e2fsck", "-f", "-n", image(volume).toString()).run().status()).isZero();
  }

  /** So that its space comes back when it is removed. */
  @Test
  void theIdleDeviceOfAnEndedNamespaceIsTakenOff() throws IOException {
    Volume volume = create("leaked", options());
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend.unmount(require(volume.name()));
    Namespaces.attachAndEnd(image(volume));
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    assertThat(devicesOver(image(volume))).hasSize(1);
    backend.unmount(require(volume.name()));
    Path device = Namespaces.attachAndEnd(image(volume));
    backend.unmount(require(volume.name()));
    backend.deprovision(require(volume.name()));
    assertThat(Traces.read(Path.of("/sys/block", device.getFileName() + "", "loop/backing_file")))
        .doesNotContain("leaked");
  }

  @ParameterizedTest
  @CsvSource({
    "ext4,64MiB,SHUT_DOWN,shut its filesystem",
    "xfs,300MiB,SHUT_DOWN,shut its filesystem",
    "ext4,64MiB,ABORTED,read-only",
    "ext4,64MiB,READ_ONLY,read-only",
    "xfs,300MiB,READ_ONLY,read-only",
    "btrfs,256MiB,READ_ONLY,read-only"
  })
  void aFilesystemThatFailedIsNotHandedOutAndIsMountedAnew(
      String type, String size, FilesystemFailure failure, String what) throws IOException {
    Volume volume = create("failing", Map.of("fsType", type, "size", size));
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend.flush(require(volume.name()));
    assertThat(health(volume)).isEqualTo(new Health.Sound());
    failure.bringAbout(backend.mountpoint(volume).getParent());
    assertThat(health(volume))
        .asInstanceOf(type(Health.Failed.class))
        .matches(failed -> failed.why().contains(what));
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("volume failing cannot be used")
        .hasMessageContaining(what);
    backend.unmount(require(volume.name()));
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    Files.writeString(backend.mountpoint(volume).resolve("y"), "written");
    assertThat(health(volume)).isEqualTo(new Health.Sound());
  }

  @Test
  void aVolumeThatIsToBeReadOnlyIsSound() {
    Volume volume = create("reader", options());
    mount(volume);
    backend.unmount(require(volume.name()));
    Volume current = require(volume.name());
    put(current.with(current.options().with(BlockOptions.MOUNT_OPTIONS, MountOptions.parse("ro"))));
    mount(volume);
    assertThat(health(volume)).isEqualTo(new Health.Sound());
  }

  @Test
  void aFileThatIsDeletedUnderItsMountIsToldAndLeavesNothing() throws IOException {
    Volume volume = create("deleted", options());
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("x"), "kept");
    Files.delete(image(volume));
    assertThat(health(volume))
        .asInstanceOf(type(Health.Doomed.class))
        .matches(doomed -> doomed.why().contains("has been deleted"));
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    Path device = ((Observed.Mounted) backend.observe(require(volume.name()))).device().get();
    backend.unmount(require(volume.name()));
    assertThat(Traces.read(Path.of("/sys/block", device.getFileName() + "", "loop/backing_file")))
        .doesNotContain("deleted.");
    backend.deprovision(require(volume.name()));
  }

  /** As a crash between unmount and detach leaves it. */
  @Test
  void aDeviceOverADeletedFileIsFreedWhenNothingUsesIt() throws IOException {
    Volume volume = create("orphan", options());
    Path device = new LoopDevices(new ProcessCommandRunner()).attach(image(volume));
    backend.freeOrphans();
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Attached.class);
    Files.delete(image(volume));
    backend.freeOrphans();
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
    assertThat(Traces.read(Path.of("/sys/block", device.getFileName() + "", "loop/backing_file")))
        .doesNotContain("orphan.");
  }

  private static final long MIB = 1 << 20;

  /** Writes 100 MiB into the mounted volume, deletes that, and returns what the file takes then. */
  private long writeAndDelete(Volume volume) {
    Path file = backend.mountpoint(volume).resolve("large");
    Run.of("dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=100", "conv=fsync").succeed();
    assertThat(allocated(image(volume))).isGreaterThan(100 * MIB);
    Run.of("rm", file.toString()).succeed();
    backend.flush(require(volume.name()));
    return allocated(image(volume));
  }

  private static long allocated(Path file) {
    return Long.parseLong(Run.of("stat", "--format=%b", file.toString()).succeed().text()) * 512;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void whatWasDeletedIsGivenBackAtRelease(String type) throws IOException {
    Volume volume = create("trimmed", Map.of("fsType", type, "size", "400MiB"));
    Files.writeString(mount(volume).resolve("x"), "kept");
    writeAndDelete(volume);
    backend.unmount(require(volume.name()));
    assertThat(allocated(image(volume))).isLessThan(90 * MIB);
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    assertThat(backend.mountpoint(volume).resolve("large")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void whatWasDeletedIsGivenBackWhileMounted(String type) {
    Volume volume = create("trimmed", Map.of("fsType", type, "size", "400MiB"));
    mount(volume);
    writeAndDelete(volume);
    assertThat(backend.trim(require(volume.name()), 0)).isFalse();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> allocated(image(volume)) < 90 * MIB);
  }

  @ParameterizedTest
  @CsvSource({"ext4,discard,false", "btrfs,discard,false", "ext4,preallocate,true"})
  void aVolumeThatIsToKeepItsSpaceKeepsIt(String type, String option, String value) {
    Volume volume = create("kept", Map.of("fsType", type, "size", "256MiB", option, value));
    mount(volume);
    long before = writeAndDelete(volume);
    assertThat(backend.trim(require(volume.name()), 0)).isFalse();
    Run.of("fstrim", root.resolve("mnt/kept").toString()).run();
    backend.unmount(require(volume.name()));
    assertThat(allocated(image(volume))).isGreaterThanOrEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "ext4,4096,4096",
    "ext4,1024,512",
    "xfs,4096,4096",
    "xfs,1024,512",
    "btrfs,4096,4096"
  })
  void onADiskWithLargeSectorsAVolumeOfAnyBlockSizeWorks(
      String type, int blockSize, int sector, @TempDir Path place) throws IOException {
    try (SmallDisk disk = SmallDisk.of("4k", place)) {
      backend = LoopFixture.at(disk.place());
      Volume volume =
          create("sectors", Map.of("fsType", type, "size", "320MiB", "blockSize", "" + blockSize));
      for (int round = 0; round < 2; round++) {
        Files.writeString(mount(volume).resolve("x"), "kept");
        assertThat(health(require(volume.name())))
            .isInstanceOf(sector == blockSize ? Health.Sound.class : Health.AtRisk.class);
        backend.unmount(require(volume.name()));
      }
      assertThat(mount(volume).resolve("x")).hasContent("kept");
      backend.unmount(require(volume.name()));
    }
  }

  /** Of a small ext4, which has blocks of 1 KiB: less than 4 TiB. */
  @Test
  void aSizeThatNoFileCanHaveIsRefusedWithTheLimit(@TempDir Path place) throws IOException {
    try (SmallDisk disk = SmallDisk.of("ext4", place)) {
      backend = LoopFixture.at(disk.place());
      assertThatThrownBy(() -> create("huge", Map.of("size", "100TiB")))
          .isInstanceOf(VolumeException.Invalid.class)
          .hasMessageContaining("the size 100TiB is more than a file can have")
          .hasMessageContaining(disk.place().toString())
          .hasMessageContaining("4095GiB at most")
          .hasMessageContaining("xfs");
      try (Stream<Path> files = Files.walk(disk.place()).filter(Files::isRegularFile)) {
        assertThat(files).isEmpty();
      }
      Volume largest = create("largest", Map.of("size", "4095GiB"));
      assertThatThrownBy(() -> backend.sizeFor(largest, ByteSize.ofGiB(4096)))
          .isInstanceOf(VolumeException.Invalid.class)
          .hasMessageContaining("4095GiB at most");
      assertThat(Files.size(disk.place().resolve("loop").resolve(largest.made().ref().value())))
          .isEqualTo(4095L << 30);
      backend.deprovision(largest);
    }
  }

  /** A hole in one file changes nothing for another that shares the blocks. */
  @ParameterizedTest
  @ValueSource(strings = {"xfs", "btrfs"})
  void whatASnapshotSharesStaysItsOwn(String below, @TempDir Path place) throws IOException {
    try (SmallDisk disk = SmallDisk.of(below, place)) {
      backend = LoopFixture.at(disk.place());
      Volume volume = create("shared", Map.of("size", "256MiB"));
      Path file = mount(volume).resolve("large");
      Run.of("dd", "if=/dev/urandom", "of=" + file, "bs=1M", "count=100", "conv=fsync").succeed();
      String sum = Run.of("sha1sum", file.toString()).succeed().text().split(" ", -1)[0];
      Snapshot snapshot = backend.takeSnapshot(require(volume.name()));
      Volume clone = create("clone", Map.of("sourceVolume", "shared"));
      assertThat(used(disk)).isLessThan(200 * MIB);
      Run.of("rm", file.toString()).succeed();
      backend.flush(require(volume.name()));
      backend.unmount(require(volume.name()));
      assertThat(used(disk)).isGreaterThan(100 * MIB);
      Volume restored = create("restored", Map.of("snapshotId", snapshot.id()));
      for (Volume copy : List.of(clone, restored)) {
        Path there = mount(copy).resolve("large");
        assertThat(Run.of("sha1sum", there.toString()).succeed().text()).startsWith(sum);
        assertThat(health(require(copy.name()))).isEqualTo(new Health.Sound());
        backend.unmount(require(copy.name()));
      }
      for (Volume copy : List.of(volume, clone, restored)) {
        backend.deprovision(require(copy.name()));
      }
      backend.deleteSnapshot(snapshot.id());
      // xfs frees what a deleted file had a moment later.
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(used(disk)).isLessThan(100 * MIB));
    }
  }

  private static long used(SmallDisk disk) throws IOException {
    Run.of("sync", "--file-system", disk.place().toString()).succeed();
    FileStore store = Files.getFileStore(disk.place());
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  @Test
  void aFilesystemThatFailedOrIsReadOnlyIsNotTrimmed() {
    Volume volume = create("failing", Map.of("size", "256MiB"));
    mount(volume);
    long before = writeAndDelete(volume);
    FilesystemFailure.READ_ONLY.bringAbout(backend.mountpoint(volume).getParent());
    assertThat(backend.trim(require(volume.name()), 0)).isFalse();
    backend.unmount(require(volume.name()));
    assertThat(allocated(image(volume))).isGreaterThanOrEqualTo(before - MIB);
  }

  private Health health(Volume volume) {
    return ((Observed.Mounted) backend.observe(require(volume.name()))).health();
  }

  private static List<String> devicesOver(Path file) {
    return Run.of("losetup", "--noheadings", "--output", "NAME", "--associated", file.toString())
        .succeed()
        .lines()
        .stream()
        .map(String::strip)
        .toList();
  }

  private static void closeQuietly(Closeable open) {
    try {
      open.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"ext4,64MiB", "xfs,300MiB", "btrfs,256MiB"})
  void eachFilesystemGrowsSnapshotsAndIsCloned(String type, String size) throws IOException {
    Volume volume = create("source-" + type, Map.of("fsType", type, "size", size));
    Files.writeString(mount(volume).resolve("x"), "kept");
    Volume current = require(volume.name());
    long larger = current.options().require(CommonOptions.SIZE).bytes() + (64L << 20);
    put(current.with(current.options().with(CommonOptions.SIZE, new ByteSize(larger))));
    backend.unmount(require(volume.name()));
    backend.grow(require(volume.name()), this);
    mount(volume);
    assertThat(Files.getFileStore(backend.mountpoint(volume)).getTotalSpace())
        .isGreaterThan(larger / 2);
    Snapshot snapshot = backend.takeSnapshot(require(volume.name()));
    Files.writeString(backend.mountpoint(volume).resolve("x"), "changed");
    Volume restored = create("restored-" + type, Map.of("snapshotId", snapshot.id()));
    assertThat(mount(restored).resolve("x")).hasContent("kept");
    Volume clone = create("clone-" + type, Map.of("sourceVolume", volume.name().value()));
    assertThat(mount(clone).resolve("x")).hasContent("changed");
    assertThat(backend.mountpoint(volume).resolve("x")).hasContent("changed");
    assertThat(backend.snapshots()).containsExactly(snapshot);
    backend.deleteSnapshot(snapshot.id());
    assertThat(backend.snapshots()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"ext4,64MiB", "xfs,300MiB"})
  void aCopyOfWhatHasNotFollowedItsDeviceYetGrowsAtItsMount(String type, String size)
      throws IOException {
    Volume volume = create("behind-" + type, Map.of("fsType", type, "size", size));
    mount(volume);
    backend.unmount(require(volume.name()));
    Volume current = require(volume.name());
    put(current.with(current.options().with(CommonOptions.SIZE, ByteSize.ofGiB(1))));
    backend.grow(require(volume.name()), this);
    Volume clone = create("clone-" + type, Map.of("sourceVolume", volume.name().value()));
    assertThat(Files.getFileStore(mount(clone)).getTotalSpace()).isGreaterThan(900L << 20);
    assertThat(require(clone.name()).made().content())
        .isEqualTo(
            new Content.Formatted(
                FilesystemType.valueOf(type.toUpperCase(Locale.ROOT)), ByteSize.ofGiB(1)));
  }

  @Test
  void aMountedFilesystemGrowsWithItsDevice() throws IOException {
    Volume volume = create("growing", Map.of("fsType", "xfs", "size", "300MiB"));
    Path mountpoint = mount(volume);
    Volume current = require(volume.name());
    put(current.with(current.options().with(CommonOptions.SIZE, ByteSize.ofGiB(1))));
    backend.grow(require(volume.name()), this);
    assertThat(Files.getFileStore(mountpoint).getTotalSpace()).isGreaterThan(900L << 20);
  }

  @Test
  void ownerAndModeAreThoseOfTheOptions() throws IOException {
    Volume volume =
        create("owned", Map.of("size", "64MiB", "uid", "1000", "gid", "50", "mode", "2770"));
    Path mountpoint = mount(volume);
    assertThat(Files.getAttribute(mountpoint, "unix:uid")).isEqualTo(1000);
    assertThat(Files.getAttribute(mountpoint, "unix:gid")).isEqualTo(50);
    assertThat((int) Files.getAttribute(mountpoint, "unix:mode") & 07777).isEqualTo(02770);
  }

  @Test
  void aNeverMountedVolumeHasNothingToCopy() {
    Volume volume = create("blank", options());
    assertThat(volume.state()).isInstanceOf(VolumeState.Ready.class);
    assertThatThrownBy(() -> backend.takeSnapshot(volume))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("never mounted");
  }
}
