package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.ebs.device.EbsDevices;
import dev.berth.backend.ebs.device.LoopbackDevices;
import dev.berth.backend.ebs.device.SystemDevices;
import dev.berth.backend.ebs.ec2.Ec2Calls;
import dev.berth.backend.ebs.ec2.Ec2Connection;
import dev.berth.backend.ebs.ec2.InstanceMetadata;
import dev.berth.host.LoopDevices;
import dev.berth.host.SparseFiles;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;

/** The {@code ebs} backend: the block path over an {@link EbsStore}. */
public final class EbsBackend {
  private EbsBackend() {}

  @Produces
  @Singleton
  static BlockBackend produce(
      EbsConfig config, LoopDevices devices, SparseFiles files, BlockTools tools, Clock clock) {
    EbsTimings timings = EbsTimings.USUAL.withStuck(config.ebs().stuckAfter());
    EbsContext cloud = cloud(config, timings, devices, files, clock);
    if (cloud.instance().plausible()) {
      Thread.ofPlatform().daemon().name("open-ec2").start(cloud::warmUp);
    }
    return create(cloud, tools);
  }

  /** A backend that connects to EC2 when it is first needed. */
  static BlockBackend create(
      EbsConfig config,
      EbsTimings timings,
      LoopDevices loops,
      SparseFiles files,
      BlockTools tools,
      InstantSource clock) {
    return create(cloud(config, timings, loops, files, clock), tools);
  }

  private static BlockBackend create(EbsContext cloud, BlockTools tools) {
    return new BlockBackend(new EbsStore(cloud), new EbsSnapshots(cloud), tools);
  }

  static EbsContext cloud(
      EbsConfig config,
      EbsTimings timings,
      LoopDevices loops,
      SparseFiles files,
      InstantSource clock) {
    EbsSettings settings = EbsSettings.of(config);
    ThisInstance instance =
        new ThisInstance(settings, () -> new InstanceMetadata(Optional.empty()));
    EbsDevices devices =
        settings.loopback()
            ? new LoopbackDevices(config.root().toAbsolutePath().resolve("ebs"), loops, files)
            : new SystemDevices(config.ebs().sysfs(), config.ebs().deviceNodes());
    Ec2Calls ec2 =
        new Ec2Calls(
            new Lazy<>(() -> new Ec2Connection(settings.endpoint(), instance.identity().region())));
    return EbsContext.of(settings, instance, ec2, devices, timings, clock);
  }
}
