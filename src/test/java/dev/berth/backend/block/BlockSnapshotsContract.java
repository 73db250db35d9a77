package dev.berth.backend.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.host.BlockDevice;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the snapshots of every {@link BlockStore}, and volumes made of them, have to do. */
abstract class BlockSnapshotsContract extends StoreUnderTest {
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

  /** It was used again in between. */
  @Test
  void aRemovalThatWasTakenBackAndBegunAgainTakesAnother() throws IOException {
    Volume volume = withData("last");
    Instant begun = Instant.parse("2026-01-01T00:00:00.000001Z");
    Volume first = volume.with(new VolumeState.Deleting(volume.made(), begun, 1));
    Volume again = volume.with(new VolumeState.Deleting(volume.made(), begun.plusNanos(1), 1));
    Snapshot last = snapshots().takeLast(first, Optional.of(TYPE));
    taken.add(last);
    assertThat(snapshots().takeLast(first, Optional.of(TYPE))).isEqualTo(last);
    Snapshot later = snapshots().takeLast(again, Optional.of(TYPE));
    taken.add(later);
    assertThat(later.id()).isNotEqualTo(last.id());
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
