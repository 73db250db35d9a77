package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.backend.VolumeBackendContract;
import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.block.FormatRule;
import dev.berth.host.Filesystems;
import dev.berth.host.LoopDevices;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.Signatures;
import dev.berth.host.SparseFiles;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
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
  void create() {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    Filesystems filesystems = new Filesystems(runner);
    BlockTools tools =
        new BlockTools(
            new FormatRule(filesystems, new Signatures(runner)),
            filesystems,
            new Mounts(runner),
            () -> root);
    backend =
        LoopBackend.create(
            root, new SparseFiles(runner), new LoopDevices(runner), tools, Clock.systemUTC());
  }

  @AfterEach
  void leaveNothingBehind() {
    all().forEach(backend::unmount);
  }

  @Override
  protected BlockBackend backend() {
    return backend;
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "64MiB");
  }

  private Volume make(String name, Map<String, String> options) {
    return create(name, options);
  }

  private Path image(Volume volume) {
    return root.resolve("loop").resolve(volume.made().ref().value());
  }

  private void write(Volume volume, long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image(volume).toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 4096, 32L << 20, SIZE - 1})
  void aVolumeWithOneForeignByteIsNeverFormatted(long offset) throws IOException {
    Volume volume = make("foreign", options());
    write(volume, offset, new byte[] {1});
    byte[] before = Files.readAllBytes(image(volume));
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("foreign")
        .hasMessageContaining("data at byte " + offset);
    assertThat(Files.readAllBytes(image(volume))).isEqualTo(before);
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void aVolumeOfAnotherSizeIsNeverFormatted() throws IOException {
    Volume volume = make("size", options());
    try (RandomAccessFile file = new RandomAccessFile(image(volume).toFile(), "rw")) {
      file.setLength(SIZE / 2);
    }
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("32MiB instead of 64MiB");
  }

  @Test
  void aFormattedVolumeWhoseSuperblockIsGoneIsNotFormattedAgain() throws IOException {
    Volume volume = make("damaged", options());
    mount(volume);
    backend.unmount(volume);
    write(volume, 0, new byte[8192]);
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("never formatted again");
  }

  @Test
  void anInterruptedFormatIsFinished() {
    Volume volume = make("interrupted", options());
    Content.Formatting begun = new Content.Formatting(FilesystemType.EXT4, UUID.randomUUID());
    put(volume.with(volume.made().withContent(begun)));
    assertThat(mount(volume)).isEmptyDirectory();
    assertThat(require(volume.name()).made().content())
        .isEqualTo(new Content.Formatted(FilesystemType.EXT4, new ByteSize(SIZE)));
  }

  @ParameterizedTest
  @CsvSource({"ext4,64MiB", "xfs,300MiB", "btrfs,256MiB"})
  void eachFilesystemGrowsSnapshotsAndIsCloned(String type, String size) throws IOException {
    Volume volume = make("source-" + type, Map.of("fsType", type, "size", size));
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
    Volume restored = make("restored-" + type, Map.of("snapshotId", snapshot.id()));
    assertThat(mount(restored).resolve("x")).hasContent("kept");
    Volume clone = make("clone-" + type, Map.of("sourceVolume", volume.name().value()));
    assertThat(mount(clone).resolve("x")).hasContent("changed");
    assertThat(backend.mountpoint(volume).resolve("x")).hasContent("changed");
    assertThat(backend.snapshots()).containsExactly(snapshot);
    backend.deleteSnapshot(snapshot.id());
    assertThat(backend.snapshots()).isEmpty();
  }

  @Test
  void aMountedFilesystemGrowsWithItsDevice() throws IOException {
    Volume volume = make("growing", Map.of("fsType", "xfs", "size", "300MiB"));
    Path mountpoint = mount(volume);
    Volume current = require(volume.name());
    put(current.with(current.options().with(CommonOptions.SIZE, ByteSize.ofGiB(1))));
    backend.grow(require(volume.name()), this);
    assertThat(Files.getFileStore(mountpoint).getTotalSpace()).isGreaterThan(900L << 20);
  }

  @Test
  void ownerAndModeAreThoseOfTheOptions() throws IOException {
    Volume volume =
        make("owned", Map.of("size", "64MiB", "uid", "1000", "gid", "50", "mode", "2770"));
    Path mountpoint = mount(volume);
    assertThat(Files.getAttribute(mountpoint, "unix:uid")).isEqualTo(1000);
    assertThat(Files.getAttribute(mountpoint, "unix:gid")).isEqualTo(50);
    assertThat((int) Files.getAttribute(mountpoint, "unix:mode") & 07777).isEqualTo(02770);
  }

  @Test
  void aNeverMountedVolumeHasNothingToCopy() {
    Volume volume = make("blank", options());
    assertThat(volume.state()).isInstanceOf(VolumeState.Ready.class);
    assertThatThrownBy(() -> backend.takeSnapshot(volume))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("never mounted");
  }
}
