package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.BlockSource;
import dev.berth.backend.block.BlockStore;
import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.backend.block.BlockStoreContract;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Traces;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsStoreTest extends BlockStoreContract {
  @TempDir Path directory;
  @AutoClose private Ec2Simulator simulator;
  private TestConfig config;

  @BeforeEach
  void startCloud() {
    simulator = Ec2Simulator.withDevices(directory.resolve("cloud"));
    config = EbsHost.config(simulator, simulator.runInstance(), directory.resolve("root"));
  }

  @Override
  protected BlockStore store() {
    return new EbsStore(EbsHost.cloud(config));
  }

  @Override
  protected BlockSnapshots snapshots() {
    return new EbsSnapshots(EbsHost.cloud(config));
  }

  @Override
  protected VolumeOptions options() {
    VolumeOptions given =
        VolumeOptions.NONE
            .with(CommonOptions.SIZE, ByteSize.ofGiB(1))
            .with(BlockOptions.FS_TYPE, FilesystemType.EXT4);
    return store().prepare(given, new BlockSource.Nothing());
  }

  /** EC2 has made it, and the answer was lost. */
  @Override
  protected void provisionHalfway(Volume volume) {
    store().provision(volume, new BlockSource.Nothing());
  }

  @Override
  protected void assertNothingLeft() {
    Awaitility.await("volumes that go")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(simulator.volumes()).isEmpty());
    assertThat(simulator.snapshots()).isEmpty();
    assertThat(new Traces(directory).loopDevices()).isEmpty();
  }
}
