package dev.berth.backend.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.host.BlankCheck;
import dev.berth.host.BlockDevice;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.testing.Run;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link BlockStore} and its {@link BlockSnapshots} have to do. */
public abstract class BlockStoreContract {
  private static final BlockSource NOTHING = new BlockSource.Nothing();
  private static final FilesystemType TYPE = FilesystemType.EXT4;
  private static final byte[] DATA = "precious".getBytes(UTF_8);
  private static final long PLACE = 1 << 20;

  private final BlankCheck blankCheck = new BlankCheck(new ProcessCommandRunner());
  private final List<Volume> volumes = new ArrayList<>();
  private final List<Snapshot> taken = new ArrayList<>();

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

  private Volume made(Volume volume, BlockSource source) {
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

  private static ByteSize size(Volume volume) {
    return volume.options().require(CommonOptions.SIZE);
  }

  private static Volume larger(Volume volume) {
    ByteSize twice = new ByteSize(2 * size(volume).bytes());
    return volume.with(volume.options().with(CommonOptions.SIZE, twice));
  }

  private static void write(BlockDevice device, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(device.path().toFile(), "rw")) {
      open.seek(PLACE);
      open.write(bytes);
      open.getFD().sync();
    }
  }

  private static byte[] read(BlockDevice device) throws IOException {
    byte[] bytes = new byte[DATA.length];
    try (RandomAccessFile open = new RandomAccessFile(device.path().toFile(), "r")) {
      open.seek(PLACE);
      open.readFully(bytes);
    }
    return bytes;
  }

  /** Writes {@link #DATA} to the volume and takes it off the host again. */
  private Volume withData(String name) throws IOException {
    Volume volume = made(name);
    write(store().attach(volume), DATA);
    store().detach(volume);
    return volume;
  }

  @Test
  void aNewThingIsBlankAndOfItsSize() {
    BlockDevice device = store().attach(made("new"));
    assertThat(device.size()).isEqualTo(options().require(CommonOptions.SIZE).bytes());
    assertThat(blankCheck.firstData(device)).isEmpty();
  }

  @Test
  void provisioningTwiceGivesTheSameThingAsItIs() throws IOException {
    Volume volume = withData("twice");
    assertThat(store().provision(volume, NOTHING)).isEqualTo(volume.made().ref());
    assertThat(read(store().attach(volume))).isEqualTo(DATA);
  }

  @Test
  void provisioningAnAttachedThingLeavesItAttached() throws IOException {
    Volume volume = made("attached");
    BlockDevice device = store().attach(volume);
    write(device, DATA);
    assertThat(store().provision(volume, NOTHING)).isEqualTo(volume.made().ref());
    assertThat(store().attached(volume)).contains(device);
    assertThat(read(device)).isEqualTo(DATA);
  }

  @Test
  void aHalfMadeThingIsCompleted() {
    Volume volume = newVolume("half");
    provisionHalfway(volume);
    BlockDevice device = store().attach(made(volume, NOTHING));
    assertThat(device.size()).isEqualTo(size(volume).bytes());
    assertThat(blankCheck.firstData(device)).isEmpty();
  }

  @Test
  void aHalfMadeThingIsDeleted() throws IOException {
    Volume volume = newVolume("half");
    provisionHalfway(volume);
    store().detach(volume);
    store().delete(volume);
    assertNothingLeft();
  }

  @Test
  void aNamesakeMadeLaterIsAnotherThing() throws IOException {
    Volume former = withData("name");
    Volume later = made("name");
    assertThat(later.made().ref()).isNotEqualTo(former.made().ref());
    BlockDevice device = store().attach(later);
    assertThat(store().attached(former)).isEmpty();
    assertThat(blankCheck.firstData(device)).isEmpty();
    store().delete(former);
    assertThat(store().attached(later)).contains(device);
  }

  @Test
  void attachingTwiceGivesTheSameDevice() {
    Volume volume = made("attached");
    assertThat(store().attached(volume)).isEmpty();
    BlockDevice device = store().attach(volume);
    assertThat(store().attach(volume)).isEqualTo(device);
    assertThat(store().attached(volume)).contains(device);
  }

  @Test
  void volumesHaveDevicesOfTheirOwn() throws IOException {
    BlockDevice first = store().attach(made("first"));
    BlockDevice second = store().attach(made("second"));
    assertThat(second.number()).isNotEqualTo(first.number());
    write(first, DATA);
    assertThat(blankCheck.firstData(second)).isEmpty();
  }

  @Test
  void attachingWhatIsAbsentIsAnError() {
    Volume volume = made("absent");
    store().delete(volume);
    assertThatThrownBy(() -> store().attach(volume)).isInstanceOf(RuntimeException.class);
    assertThat(store().attached(volume)).isEmpty();
  }

  @Test
  void dataSurvivesADetach() throws IOException {
    Volume volume = withData("data");
    assertThat(store().attached(volume)).isEmpty();
    assertThat(read(store().attach(volume))).isEqualTo(DATA);
  }

  @Test
  void detachingTwiceOrWhatIsAbsentSucceeds() {
    Volume volume = made("detached");
    store().detach(volume);
    store().attach(volume);
    store().detach(volume);
    store().detach(volume);
    assertThat(store().attached(volume)).isEmpty();
    store().delete(volume);
    store().detach(volume);
  }

  @Test
  void whatIsMountedStaysAttached(@TempDir Path directory) throws IOException {
    Volume volume = made("mounted");
    BlockDevice device = store().attach(volume);
    Run.of("mkfs.ext4", "-q", device.path().toString()).succeed();
    Run.of("mount", device.path().toString(), directory.toString()).succeed();
    try {
      assertThatThrownBy(() -> store().detach(volume)).isInstanceOf(RuntimeException.class);
      assertThat(store().attached(volume)).contains(device);
      Files.writeString(directory.resolve("x"), "kept");
    } finally {
      Run.of("umount", directory.toString()).succeed();
    }
    store().detach(volume);
    assertThat(store().attached(volume)).isEmpty();
  }

  @Test
  void deletingTwiceOrWhatWasNeverMadeSucceeds() throws IOException {
    store().delete(newVolume("never"));
    Volume volume = withData("gone");
    store().delete(volume);
    store().delete(volume);
    assertNothingLeft();
  }

  @Test
  void aThingGrowsWhileItIsDetached() throws IOException {
    Volume volume = larger(withData("growing"));
    store().grow(volume);
    store().grow(volume);
    BlockDevice device = store().attach(volume);
    assertThat(device.size()).isEqualTo(size(volume).bytes());
    assertThat(read(device)).isEqualTo(DATA);
  }

  @Test
  void aThingGrowsWithItsDevice() throws IOException {
    Volume volume = made("growing");
    BlockDevice before = store().attach(volume);
    write(before, DATA);
    store().grow(larger(volume));
    store().grow(larger(volume));
    BlockDevice after = store().attached(volume).orElseThrow();
    assertThat(after.number()).isEqualTo(before.number());
    assertThat(after.size()).isEqualTo(2 * before.size());
    assertThat(read(after)).isEqualTo(DATA);
  }

  @Test
  void nothingEverShrinks() {
    Volume volume = made("growing");
    store().grow(larger(volume));
    store().grow(volume);
    assertThat(store().attach(volume).size()).isEqualTo(2 * size(volume).bytes());
  }

  @Test
  void growingWhatIsAbsentIsAnError() throws IOException {
    Volume volume = made("absent");
    store().delete(volume);
    assertThatThrownBy(() -> store().grow(larger(volume))).isInstanceOf(RuntimeException.class);
    assertNothingLeft();
  }

  private Snapshot take(Volume volume) {
    Snapshot snapshot = snapshots().take(volume, Optional.of(TYPE));
    taken.add(snapshot);
    return snapshot;
  }

  @Test
  void theLastSnapshotIsTakenOnceWhateverOthersThereAre() throws IOException {
    Volume volume = withData("last");
    Snapshot earlier = take(volume);
    Snapshot last = snapshots().takeLast(volume, Optional.of(TYPE));
    taken.add(last);
    assertThat(last.id()).isNotEqualTo(earlier.id());
    assertThat(snapshots().takeLast(volume, Optional.of(TYPE))).isEqualTo(last);
    assertThat(snapshots().list()).containsExactlyInAnyOrder(earlier, last);
    Snapshot namesakes = snapshots().takeLast(withData("last"), Optional.of(TYPE));
    taken.add(namesakes);
    assertThat(namesakes.id()).isNotEqualTo(last.id());
  }

  @Test
  void aSnapshotKeepsWhatWasThere() throws IOException {
    Volume volume = withData("source");
    Snapshot snapshot = take(volume);
    assertThat(snapshot.volume()).isEqualTo(volume.name());
    assertThat(snapshot.backend()).isEqualTo(store().traits().name());
    assertThat(snapshot.type()).contains(TYPE);
    assertThat(snapshot.size()).isEqualTo(size(volume));
    write(store().attach(volume), "overwrit".getBytes(UTF_8));
    Volume restored = made(newVolume("restored"), new BlockSource.OfSnapshot(snapshot));
    assertThat(read(store().attach(restored))).isEqualTo(DATA);
  }

  @Test
  void aSnapshotOfAnAttachedVolumeHoldsWhatIsDurable() throws IOException {
    Volume volume = made("source");
    write(store().attach(volume), DATA);
    BlockSource source = new BlockSource.OfSnapshot(take(volume));
    assertThat(read(store().attach(made(newVolume("restored"), source)))).isEqualTo(DATA);
  }

  @Test
  void aRestoredVolumeMayBeLargerAndIsMadeOnce() throws IOException {
    BlockSource source = new BlockSource.OfSnapshot(take(withData("source")));
    Volume wanted = larger(newVolume("restored"));
    volumes.set(volumes.size() - 1, wanted);
    Volume restored = made(wanted, source);
    assertThat(store().provision(restored, source)).isEqualTo(restored.made().ref());
    BlockDevice device = store().attach(restored);
    assertThat(device.size()).isEqualTo(size(wanted).bytes());
    assertThat(read(device)).isEqualTo(DATA);
  }

  @Test
  void aRestoredVolumeThatWasWrittenIsNotRestoredAgain() throws IOException {
    BlockSource source = new BlockSource.OfSnapshot(take(made("source")));
    Volume restored = made(newVolume("restored"), source);
    write(store().attach(restored), DATA);
    store().provision(restored, source);
    assertThat(read(store().attach(restored))).isEqualTo(DATA);
  }

  @Test
  void aCloneHasTheBytesAndAThingOfItsOwn() throws IOException {
    Volume source = withData("source");
    Volume clone = made(newVolume("clone"), new BlockSource.OfVolume(source));
    assertThat(clone.made().ref()).isNotEqualTo(source.made().ref());
    write(store().attach(source), "overwrit".getBytes(UTF_8));
    assertThat(read(store().attach(clone))).isEqualTo(DATA);
  }

  @Test
  void whatHasNoSourceIsNotMade() throws IOException {
    Snapshot gone = take(made("source"));
    snapshots().remove(gone.id());
    Volume volume = newVolume("orphan");
    assertThatThrownBy(() -> store().provision(volume, new BlockSource.OfSnapshot(gone)))
        .isInstanceOf(RuntimeException.class);
    store().delete(volumes.getFirst());
    assertNothingLeft();
  }

  @Test
  void snapshotsAreListedTheOldestFirst() {
    Volume volume = made("source");
    assertThat(snapshots().list()).isEmpty();
    Snapshot first = take(volume);
    Snapshot second = take(volume);
    assertThat(snapshots().list()).containsExactly(first, second);
  }

  @Test
  void aSnapshotIsRemovedTwiceAndOutlivesItsVolume() throws IOException {
    Volume volume = withData("source");
    Snapshot snapshot = take(volume);
    store().delete(volume);
    assertThat(snapshots().list()).containsExactly(snapshot);
    Volume restored = made(newVolume("restored"), new BlockSource.OfSnapshot(snapshot));
    snapshots().remove(snapshot.id());
    snapshots().remove(snapshot.id());
    assertThat(snapshots().list()).isEmpty();
    assertThat(read(store().attach(restored))).isEqualTo(DATA);
  }

  @Test
  void aSnapshotOfWhatIsAbsentIsAnErrorAndLeavesNothing() throws IOException {
    Volume volume = made("absent");
    store().delete(volume);
    assertThatThrownBy(() -> snapshots().take(volume, Optional.of(TYPE)))
        .isInstanceOf(RuntimeException.class);
    assertThat(snapshots().list()).isEmpty();
    assertNothingLeft();
  }
}
