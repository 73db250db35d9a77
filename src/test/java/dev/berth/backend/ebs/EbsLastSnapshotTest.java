package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.AnyKeys;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
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

/** The snapshot that is taken when a volume is removed; EC2 knows no token for it. */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsLastSnapshotTest {
  private static final Optional<FilesystemType> TYPE = Optional.of(FilesystemType.EXT4);

  @TempDir Path directory;
  @AutoClose private StoreBed bed;
  private EbsSnapshots snapshots;
  private Volume volume;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    Cloud cloud = bed.cloud(bed.simulator().runInstance());
    EbsStore store = new EbsStore(cloud);
    snapshots = new EbsSnapshots(cloud);
    volume = StoreBed.made(store, StoreBed.intent(store, "vol", VolumeOptions.NONE));
  }

  private Volume removed(int resumed) {
    return volume.with(new VolumeState.Deleting(volume.made(), Instant.EPOCH, resumed));
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
}
