package dev.berth.backend.block;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.host.BlankCheck;
import dev.berth.host.BlockDevice;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.HostId;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/**
 * A store, with volumes and snapshots that are gone, with all that was made for them, after each
 * test.
 */
abstract class StoreUnderTest {
  static final BlockSource NOTHING = new BlockSource.Nothing();
  static final FilesystemType TYPE = FilesystemType.EXT4;
  static final byte[] DATA = "precious".getBytes(UTF_8);
  private static final long PLACE = 1 << 20;

  final BlankCheck blankCheck = new BlankCheck(new ProcessCommandRunner());
  final List<Volume> volumes = new ArrayList<>();
  final List<Snapshot> taken = new ArrayList<>();

  /** A new object at each call, so that nothing rests on what an earlier one has in memory. */
  protected abstract BlockStore store();

  protected abstract BlockSnapshots snapshots();

  /** The options of the smallest volume there can be, {@code size} among them. */
  protected abstract VolumeOptions options();

  /** Brings about what a first provision of {@code volume} from nothing leaves, cut off. */
  protected abstract void provisionHalfway(Volume volume);

  /** Fails if anything is left of any volume or snapshot, on the host or where things are made. */
  protected abstract void assertNothingLeft() throws IOException;

  @AfterEach
  void leaveNothingBehind() throws IOException {
    for (Volume volume : volumes) {
      store().detach(volume);
      store().delete(volume);
    }
    taken.forEach(snapshot -> snapshots().remove(snapshot.id()));
    assertNothingLeft();
  }

  /** A volume as it is recorded before its thing is made. */
  protected final Volume newVolume(String name) {
    Volume volume =
        Volume.creating(
            new VolumeName(name),
            store().traits().name(),
            options(),
            new HostId("h"),
            Instant.EPOCH);
    volumes.add(volume);
    return volume;
  }

  final Volume made(Volume volume, BlockSource source) {
    BackendRef ref = store().provision(volume, source);
    Volume made =
        volume.with(
            new VolumeState.Ready(
                ref,
                new Content.Blank(options().require(CommonOptions.SIZE)),
                Optional.of(new HostId("h"))));
    volumes.set(volumes.indexOf(volume), made);
    return made;
  }

  protected final Volume made(String name) {
    return made(newVolume(name), NOTHING);
  }

  static ByteSize size(Volume volume) {
    return volume.options().require(CommonOptions.SIZE);
  }

  static Volume larger(Volume volume) {
    ByteSize twice = new ByteSize(2 * size(volume).bytes());
    return volume.with(volume.options().with(CommonOptions.SIZE, twice));
  }

  static void write(BlockDevice device, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(device.path().toFile(), "rw")) {
      open.seek(PLACE);
      open.write(bytes);
      open.getFD().sync();
    }
  }

  static byte[] read(BlockDevice device) throws IOException {
    byte[] bytes = new byte[DATA.length];
    try (RandomAccessFile open = new RandomAccessFile(device.path().toFile(), "r")) {
      open.seek(PLACE);
      open.readFully(bytes);
    }
    return bytes;
  }

  /** Writes {@link #DATA} to the volume and takes it off the host again. */
  final Volume withData(String name) throws IOException {
    Volume volume = made(name);
    write(store().attach(volume), DATA);
    store().detach(volume);
    return volume;
  }

  final Snapshot take(Volume volume) {
    Snapshot snapshot = snapshots().take(volume, Optional.of(TYPE));
    taken.add(snapshot);
    return snapshot;
  }
}
