package dev.berth.bench;

import dev.berth.ec2sim.Delay;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.InstanceType;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.SimulatedCloud;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Berth on an instance of a simulated EC2 that takes no time of its own to attach. */
final class EbsBed implements AutoCloseable {
  private static final InstanceType LARGE = new InstanceType("m7a.48xlarge", 128, false, false);

  private final Ec2Simulator simulator;
  private final BerthProcess berth;

  EbsBed(BenchBed bed) {
    simulator = Ec2Simulator.withDevices(bed.directory("cloud"));
    for (Delay delay : List.of(Delay.CREATE, Delay.ATTACH, Delay.DEVICE, Delay.DETACH)) {
      simulator.set(delay, Duration.ZERO);
    }
    String instance = simulator.runInstance(Ec2Simulator.ZONE, LARGE);
    Map<String, String> settings = new HashMap<>(SimulatedCloud.settings(simulator, instance));
    settings.putAll(EbsFigures.AT_ONCE);
    berth = bed.berth("ebs", settings);
  }

  Ec2Simulator simulator() {
    return simulator;
  }

  BerthProcess berth() {
    return berth;
  }

  @Override
  public void close() {
    if (berth.isRunning()) {
      berth.stop();
    }
    simulator.close();
  }
}
