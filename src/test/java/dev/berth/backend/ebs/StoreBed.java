package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.BlockSource;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.Traces;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A simulated region, and stores on its instances. */
final class StoreBed implements AutoCloseable {
  static final BlockSource NOTHING = new BlockSource.Nothing();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final Ec2Simulator simulator;

  StoreBed(Path directory) {
    this.directory = directory;
    simulator = Ec2Simulator.withDevices(directory.resolve("cloud"));
  }

  Ec2Simulator simulator() {
    return simulator;
  }

  /** Berth, just started on that instance: it remembers nothing. */
  EbsStore store(String instance) {
    return new EbsStore(cloud(instance));
  }

  EbsContext cloud(String instance) {
    return cloud(instance, EbsHost.QUICK);
  }

  EbsContext cloud(String instance, EbsTimings timings) {
    return EbsHost.cloud(EbsHost.config(simulator, instance, directory.resolve(instance)), timings);
  }

  /** As the ledger has it before anything is made of it. */
  static Volume intent(EbsStore store, String name, VolumeOptions given) {
    VolumeOptions sized =
        VolumeOptions.NONE
            .with(CommonOptions.SIZE, ByteSize.ofGiB(1))
            .with(BlockOptions.FS_TYPE, FilesystemType.EXT4);
    return Volume.creating(
        new VolumeName(name),
        EbsStore.NAME,
        store.prepare(given.orElse(sized), NOTHING),
        new HostId("h"),
        Instant.EPOCH);
  }

  static Volume made(EbsStore store, Volume intent) {
    return ready(intent, store.provision(intent, NOTHING));
  }

  static Volume ready(Volume intent, BackendRef ref) {
    ByteSize size = intent.options().require(CommonOptions.SIZE);
    return intent.with(new VolumeState.Ready(ref, new Content.Blank(size), Optional.empty()));
  }

  static Volume made(EbsStore store, String name) {
    return made(store, intent(store, name, VolumeOptions.NONE));
  }

  void assertNothingLeft() {
    Awaitility.await("volumes that go")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(simulator.volumes()).isEmpty());
    assertThat(new Traces(directory).loopDevices()).isEmpty();
  }

  @Override
  public void close() {
    simulator.close();
  }
}
