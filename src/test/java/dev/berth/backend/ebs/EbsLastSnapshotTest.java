package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ec2sim.Delay;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The snapshot that is taken when a volume is removed; EC2 knows no token for it. */
@Rule(13)
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsLastSnapshotTest {
  private static final Optional<FilesystemType> TYPE = Optional.of(FilesystemType.EXT4);

  @TempDir Path directory;
  @AutoClose private StoreBed bed;
  private EbsStore store;
  private EbsSnapshots snapshots;
  private Volume volume;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    EbsContext cloud = bed.cloud(bed.simulator().runInstance());
    store = new EbsStore(cloud);
    snapshots = new EbsSnapshots(cloud);
    volume = StoreBed.made(store, StoreBed.intent(store, "vol", VolumeOptions.NONE));
  }

  private Volume removed(int resumed) {
    Content content = new Content.Formatted(FilesystemType.EXT4, ByteSize.ofGiB(1));
    return volume
        .with(volume.options().with(CommonOptions.ON_REMOVE, OnRemove.SNAPSHOT))
        .with(new VolumeState.Deleting(volume.made().withContent(content), Instant.EPOCH, resumed));
  }

  /** What it is in truth, not what descriptions show. */
  private boolean isComplete(Snapshot snapshot) {
    return bed.simulator().snapshots().stream()
        .anyMatch(there -> there.id().equals(snapshot.id()) && there.completed());
  }

  private boolean isThere() {
    return bed.simulator()
        .volume(volume.made().ref().value())
        .filter(there -> there.state() == dev.berth.ec2sim.Volume.State.AVAILABLE)
        .isPresent();
  }

  @Test
  void aFirstTryDoesNotLookForOne() {
    snapshots.takeLast(removed(0), TYPE);
    assertThat(bed.simulator().calls().of("DescribeSnapshots")).isZero();
  }

  @Test
  void oneThatDescriptionsDoNotShowYetIsNotTakenAgain() {
    bed.simulator().staleDescribes(EbsHost.QUICK.unseen().dividedBy(2));
    Snapshot last = snapshots.takeLast(removed(0), TYPE);
    assertThat(snapshots.takeLast(removed(1), TYPE)).isEqualTo(last);
    bed.simulator().staleDescribes(Duration.ZERO);
    assertThat(bed.simulator().snapshots()).hasSize(1);
  }

  @Test
  void oneThatWasNotTakenIsTakenInTheEnd() {
    Snapshot last = snapshots.takeLast(removed(1), TYPE);
    assertThat(snapshots.list()).containsExactly(last);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theVolumeIsDeletedOnlyWhenItIsSeenToBeComplete(int secondsBehind) {
    bed.simulator().set(Delay.SNAPSHOT, Duration.ofSeconds(3));
    bed.simulator().staleDescribes(Duration.ofSeconds(secondsBehind));
    Snapshot last = snapshots.takeLast(removed(0), TYPE);
    store.delete(removed(0));
    assertThat(isComplete(last)).isTrue();
    assertThat(isThere()).isFalse();
    bed.simulator().staleDescribes(Duration.ZERO);
  }

  @Test
  void afterOneThatBreaksTheVolumeStaysUntilAnotherIsComplete() {
    bed.simulator().set(Delay.SNAPSHOT, Duration.ofSeconds(20));
    Snapshot broken = snapshots.takeLast(removed(0), TYPE);
    bed.simulator().failSnapshot(broken.id());
    assertThatThrownBy(() -> store.delete(removed(0)))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("vol")
        .hasMessageContaining(broken.id() + ", which is in the state error")
        .hasMessageContaining("takes another snapshot");
    assertThat(isThere()).isTrue();
    bed.simulator().set(Delay.SNAPSHOT, Duration.ofSeconds(1));
    Snapshot another = snapshots.takeLast(removed(1), TYPE);
    store.delete(removed(1));
    assertThat(another.id()).isNotEqualTo(broken.id());
    assertThat(isComplete(another)).isTrue();
    assertThat(isThere()).isFalse();
  }

  @Test
  void aVolumeThatWasNeverWrittenNeedsNone() {
    store.delete(volume.with(volume.options().with(CommonOptions.ON_REMOVE, OnRemove.SNAPSHOT)));
    assertThat(isThere()).isFalse();
  }
}
