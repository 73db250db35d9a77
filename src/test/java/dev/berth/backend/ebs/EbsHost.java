package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.block.FormatRule;
import dev.berth.backend.ebs.EbsConfig.Devices;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.host.BlankCheck;
import dev.berth.host.Filesystems;
import dev.berth.host.LoopDevices;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.Signatures;
import dev.berth.host.SparseFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** One instance of a cloud with the backend on it, as a started Berth has it. */
record EbsHost(String instance, Path root, BlockBackend backend) {
  /** As {@link EbsTimings#USUAL}, for a cloud that takes milliseconds. */
  static final EbsTimings QUICK =
      new EbsTimings(
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMillis(60),
          Duration.ofMillis(40),
          Duration.ofMillis(500),
          Duration.ofMillis(5),
          Duration.ofMillis(20),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(2),
          Duration.ofMillis(300),
          Duration.ofMinutes(1));

  /** {@link #QUICK}, with less time for all of it. */
  static EbsTimings quickWithin(Duration limit) {
    return quick(limit, limit, QUICK.deviceLook());
  }

  /** {@link #QUICK}, without a look at what takes long only because the machine is slow. */
  static EbsTimings quickOnASlowMachine() {
    return quick(Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(4));
  }

  private static EbsTimings quick(Duration limit, Duration shortLimit, Duration deviceLook) {
    return new EbsTimings(
        limit,
        shortLimit,
        QUICK.firstLook(),
        QUICK.look(),
        QUICK.longestLook(),
        QUICK.gather(),
        QUICK.apart(),
        QUICK.unseen(),
        deviceLook,
        QUICK.stuck().plus(limit),
        QUICK.holder(),
        QUICK.absent(),
        QUICK.badName());
  }

  /** A new instance of the simulator's. */
  static EbsHost on(Ec2Simulator simulator, Path root) {
    return on(simulator, simulator.runInstance(), root);
  }

  /** Berth, started again on that instance. */
  static EbsHost on(Ec2Simulator simulator, String instance, Path root) {
    return new EbsHost(instance, root, backend(config(simulator, instance, root), QUICK));
  }

  static TestConfig config(Ec2Simulator simulator, String instance, Path root) {
    Path seen = simulator.hostRoot(instance);
    return TestConfig.empty(root)
        .with(simulator.endpoint(), Devices.SYSTEM)
        .as(instance, Ec2Simulator.REGION, Ec2Simulator.ZONE)
        .seeing(seen.resolve("sys/block"), seen.resolve("dev"));
  }

  /** What a started Berth has of the cloud; a new one remembers nothing. */
  static EbsContext cloud(TestConfig config) {
    return cloud(config, QUICK);
  }

  static EbsContext cloud(TestConfig config, EbsTimings timings) {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    return EbsBackend.cloud(
        config, timings, new LoopDevices(runner), new SparseFiles(runner), Clock.systemUTC());
  }

  static BlockBackend backend(TestConfig config, EbsTimings timings) {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    Filesystems filesystems = new Filesystems(runner);
    BlockTools tools =
        new BlockTools(
            new FormatRule(filesystems, new Signatures(runner), new BlankCheck(runner)),
            filesystems,
            new Mounts(runner),
            config::root);
    return EbsBackend.create(
        config,
        timings,
        new LoopDevices(runner),
        new SparseFiles(runner),
        tools,
        Clock.systemUTC());
  }
}
