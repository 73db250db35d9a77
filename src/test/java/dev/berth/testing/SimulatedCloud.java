package dev.berth.testing;

import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.InstanceType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A strict EC2 with devices, in this process, and the instance that Berth is. */
public final class SimulatedCloud implements Cloud {
  private static final InstanceType LARGE = new InstanceType("m7a.48xlarge", 128, false, false);

  private @Nullable Ec2Simulator simulator;
  private @Nullable Path files;
  private String instance = "";

  @Override
  public void start(Path directory) {
    simulator = Ec2Simulator.withDevices(directory);
    files = directory;
    instance = simulator.runInstance(Ec2Simulator.ZONE, LARGE);
  }

  /** The running one. */
  public Ec2Simulator simulator() {
    return Objects.requireNonNull(simulator, "not started");
  }

  @Override
  public Map<String, String> settings() {
    return settings(simulator(), instance);
  }

  /** What makes a Berth one on that instance, with volumes on EBS unless they say otherwise. */
  public static Map<String, String> settings(Ec2Simulator simulator, String instance) {
    Path seen = simulator.hostRoot(instance);
    Map<String, String> settings = new HashMap<>();
    settings.put("BERTH_DEFAULTS_BACKEND", "ebs");
    settings.put("BERTH_HOST_ID", instance);
    settings.put("BERTH_EBS_ENDPOINT", simulator.endpoint().toString());
    settings.put("BERTH_EBS_DEVICES", "system");
    settings.put("BERTH_EBS_SYSFS", seen.resolve("sys/block").toString());
    settings.put("BERTH_EBS_DEVICE_NODES", seen.resolve("dev").toString());
    settings.put("BERTH_EBS_REGION", Ec2Simulator.REGION);
    settings.put("BERTH_EBS_AVAILABILITY_ZONE", Ec2Simulator.ZONE);
    settings.put("AWS_ACCESS_KEY_ID", "test");
    settings.put("AWS_SECRET_ACCESS_KEY", "test");
    return settings;
  }

  @Override
  public Optional<Path> images() {
    return Optional.ofNullable(files).map(directory -> directory.resolve("volumes"));
  }

  @Override
  public void stop() {
    if (simulator != null) {
      simulator.close();
      simulator = null;
    }
  }
}
