package dev.berth.ec2sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.ec2.Ec2Client;

@RequiresRoot
class SimulatorProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  @AfterEach
  void leaveNothing() {
    new LeftoverCheck(directory).failIfAny();
  }

  private static String attachOne(SimulatorProcess process, Ec2Client client) {
    String instance = process.command("run-instance");
    String volume = client.createVolume(SimulatorBed.gp3(1).build()).volumeId();
    await("available").atMost(LIMIT).until(() -> process.command("volumes").contains("AVAILABLE"));
    client.attachVolume(r -> r.volumeId(volume).instanceId(instance).device("/dev/xvdaa"));
    Path nodes = Path.of(process.command("host-root", instance), "dev");
    await("device").atMost(LIMIT).until(() -> !isEmpty(nodes));
    return volume;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  @Test
  void isControlledFromOutsideAndLeavesNothingWhenItEnds() {
    try (SimulatorProcess process = SimulatorProcess.start(directory);
        Ec2Client client = SimulatorBed.client(process.endpoint())) {
      process.command("delay", "attach", "10");
      process.command("limit", "volumes", "100");
      String fault = process.command("fail", "DescribeVolumes", "InternalError", "1");

      String volume = attachOne(process, client);

      SimulatorBed.assertRefused("InternalError", "injected", client::describeVolumes);
      assertThat(process.command("fired", fault)).isEqualTo("1");
      assertThat(process.command("calls")).contains("AttachVolume=1");
      assertThat(process.command("history")).contains(volume).contains("DEVICE_APPEARED");
      assertThatThrownBy(() -> process.command("dance")).hasMessageContaining("unknown command");
      assertThat(new Traces(directory).loopDevices()).hasSize(1);
    }
    assertThat(new Traces(directory).loopDevices()).isEmpty();
  }

  @Test
  void theNextOneFreesWhatAKilledOneLeft() {
    SimulatorProcess first = SimulatorProcess.start(directory);
    try (Ec2Client client = SimulatorBed.client(first.endpoint())) {
      attachOne(first, client);
    } finally {
      first.kill();
    }
    assertThat(new Traces(directory).loopDevices()).hasSize(1);

    try (SimulatorProcess second = SimulatorProcess.start(directory)) {
      assertThat(second.command("volumes")).isEmpty();
      assertThat(new Traces(directory).loopDevices()).isEmpty();
      assertThat(directory.resolve("instances")).doesNotExist();
    }
  }
}
