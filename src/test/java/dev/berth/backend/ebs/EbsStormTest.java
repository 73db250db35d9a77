package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.InstanceType;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.Async;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.Volume;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A hundred volumes at once. */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsStormTest {
  private static final Logger LOG = Logger.getLogger(EbsStormTest.class);
  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final int VOLUMES = 100;

  @TempDir Path directory;
  @AutoClose private StoreBed bed;
  private EbsStore store;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    String instance =
        bed.simulator()
            .runInstance(Ec2Simulator.ZONE, new InstanceType("m7a.48xlarge", 128, false, false));
    store = new EbsStore(bed.cloud(instance, EbsHost.quickOnASlowMachine()));
  }

  private void live(int number) {
    Volume volume = StoreBed.made(store, "v" + number);
    store.attach(volume);
    store.detach(volume);
    store.delete(volume);
  }

  private void liveAll() {
    List<Future<Boolean>> lives =
        IntStream.range(0, VOLUMES)
            .mapToObj(
                number ->
                    Async.start(
                        () -> {
                          live(number);
                          return true;
                        }))
            .toList();
    lives.forEach(life -> assertThat(Async.get(life, LIMIT)).isTrue());
    LOG.infof("%d volumes: %s", VOLUMES, bed.simulator().calls());
    bed.assertNothingLeft();
  }

  @Test
  void descriptionsAreShared() {
    liveAll();
    assertThat(bed.simulator().calls().of("CreateVolume")).isEqualTo(VOLUMES);
    assertThat(bed.simulator().calls().of("AttachVolume")).isEqualTo(VOLUMES);
    assertThat(bed.simulator().calls().total()).isLessThanOrEqualTo(6 * VOLUMES);
  }

  @Test
  void aThrottledAccountGetsItAllDone() {
    bed.simulator().throttle(5, 10);
    liveAll();
    assertThat(bed.simulator().calls().errors("RequestLimitExceeded")).isPositive();
  }
}
