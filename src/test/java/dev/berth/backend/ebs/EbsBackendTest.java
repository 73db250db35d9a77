package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.backend.VolumeBackendContract;
import dev.berth.backend.block.BlockBackend;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.Volume;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The backend against the simulator, through the real SDK. */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsBackendTest extends VolumeBackendContract {
  @TempDir Path directory;
  private Ec2Simulator simulator;
  private EbsHost host;

  @BeforeEach
  void start() {
    simulator = Ec2Simulator.withDevices(directory.resolve("cloud"));
    host = EbsHost.on(simulator, directory.resolve("root"));
  }

  @Override
  protected void endBackend() {
    simulator.close();
    new LeftoverCheck(directory).failIfAny();
  }

  @Override
  protected BlockBackend backend() {
    return host.backend();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "1GiB");
  }

  @Test
  void aLifeTakesFiveCallsAndOneMoreIfItIsRemovedWhileItIsDetached() {
    Volume volume = create("life", options());
    mount(volume);
    backend().unmount(require(volume.name()));
    backend().deprovision(require(volume.name()));
    Map<String, Integer> calls = simulator.calls().byAction();
    assertThat(calls)
        .containsOnlyKeys(
            "CreateVolume", "DescribeVolumes", "AttachVolume", "DetachVolume", "DeleteVolume");
    assertThat(simulator.calls().total() - calls.getOrDefault("DeleteVolume", 0)).isEqualTo(4);
    assertThat(calls.getOrDefault("DeleteVolume", 0)).isBetween(1, 2);
  }
}
