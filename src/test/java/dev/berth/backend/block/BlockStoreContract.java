package dev.berth.backend.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.host.BlockDevice;
import dev.berth.testing.Run;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link BlockStore} has to do, its snapshots included. */
public abstract class BlockStoreContract extends BlockSnapshotsContract {
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
}
