package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.BlockStore;
import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.backend.block.BlockStoreContract;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.LoopDevices;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.SparseFiles;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Traces;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresRoot
class LoopStoreTest extends BlockStoreContract {
  private static final ByteSize SIZE = ByteSize.ofMiB(64);

  @TempDir Path root;

  @Override
  protected LoopStore store() {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    return new LoopStore(
        volumes(), new SparseFiles(runner), new LoopDevices(runner), loopSnapshots());
  }

  @Override
  protected BlockSnapshots snapshots() {
    return loopSnapshots();
  }

  private LoopSnapshots loopSnapshots() {
    return new LoopSnapshots(
        volumes(), new SparseFiles(new ProcessCommandRunner()), Clock.systemUTC());
  }

  private Path volumes() {
    return root.resolve("loop");
  }

  @Override
  protected VolumeOptions options() {
    return VolumeOptions.NONE
        .with(CommonOptions.SIZE, SIZE)
        .with(BlockOptions.FS_TYPE, FilesystemType.EXT4);
  }

  @Override
  protected void provisionHalfway(Volume volume) {
    try {
      Files.createDirectories(volumes());
      Files.createFile(store().file(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void assertNothingLeft() throws IOException {
    assertThat(new Traces(root).loopDevices()).isEmpty();
    if (Files.exists(volumes())) {
      try (Stream<Path> files = Files.walk(volumes())) {
        assertThat(files.filter(Files::isRegularFile)).isEmpty();
      }
    }
  }

  @Test
  void whatIsOpenStaysAttached() throws IOException {
    BlockStore store = store();
    Volume volume = made("open");
    BlockDevice device = store.attach(volume);
    try (RandomAccessFile open = new RandomAccessFile(device.path().toFile(), "r")) {
      assertThatThrownBy(() -> store.detach(volume))
          .isInstanceOf(HostException.Unexpected.class)
          .hasMessageContaining(device.path().toString());
      assertThat(store.attached(volume)).contains(device);
      assertThat(open.read()).isZero();
    }
    store.detach(volume);
    assertThat(store.attached(volume)).isEmpty();
  }
}
