package dev.berth.backend.loop;

import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.host.LoopDevices;
import dev.berth.host.SparseFiles;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;

/** The {@code loop} backend: the block path over a {@link LoopStore}. */
public final class LoopBackend {
  private LoopBackend() {}

  @Produces
  @Singleton
  static BlockBackend produce(
      LoopConfig config, SparseFiles files, LoopDevices devices, BlockTools tools, Clock clock) {
    return create(config.root(), files, devices, tools, clock);
  }

  /** A backend whose files lie below {@code root}. */
  public static BlockBackend create(
      Path root, SparseFiles files, LoopDevices devices, BlockTools tools, InstantSource clock) {
    Path directory = root.toAbsolutePath().resolve("loop");
    LoopSnapshots snapshots = new LoopSnapshots(directory, files, clock);
    return new BlockBackend(new LoopStore(directory, files, devices, snapshots), snapshots, tools);
  }
}
