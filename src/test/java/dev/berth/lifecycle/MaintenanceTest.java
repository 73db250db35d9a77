package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Rule(10)
class MaintenanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final ByteSize LARGER = ByteSize.ofGiB(2);

  private final FakeBackend backend = new FakeBackend();
  private final OneHost host =
      new OneHost(
          InMemoryLedger.ofOneHost(), backend, new MovableClock(), OneHost.named("h-1", "boot-1"));

  @Test
  void whileOneGoesOnTheNextWaitsAndAMountDoesNot() {
    VolumeName a = host.mounted("a", "x");
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Future<String> first =
        Async.start(
            () ->
                host.maintenance.using(
                    a,
                    volume -> {
                      begun.countDown();
                      Async.await(finish);
                      order.add("first ends");
                      return "first";
                    }));
    Async.await(begun);
    Future<String> second =
        Async.start(
            () ->
                host.maintenance.using(
                    a,
                    volume -> {
                      order.add("second begins");
                      return "second";
                    }));
    await().atMost(LIMIT).until(() -> host.maintenance.running() == 2);
    assertThat(host.mounted("a", "y")).isEqualTo(a);
    order.add("mounted");
    finish.countDown();
    assertThat(Async.get(first, LIMIT)).isEqualTo("first");
    assertThat(Async.get(second, LIMIT)).isEqualTo("second");
    assertThat(order).containsExactly("mounted", "first ends", "second begins");
    assertThat(host.pins.find(a)).isEmpty();
    assertThat(host.maintenance.running()).isZero();
  }

  @Test
  void aWaitEndsAndSaysWhatItWaitedFor() {
    VolumeName a = new VolumeName("a");
    host.pins.pin(a, new Progress("snapshot"));
    assertThatThrownBy(() -> host.pins.awaitUnpinned(a, SHORT))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("volume a is busy (snapshot");
  }

  @Test
  void aFailureEndsThePin() {
    VolumeName a = host.mounted("a", "x");
    assertThatThrownBy(
            () ->
                host.maintenance.using(
                    a,
                    volume -> {
                      throw new VolumeException.Failed("no luck");
                    }))
        .isInstanceOf(VolumeException.Failed.class);
    assertThat(host.pins.find(a)).isEmpty();
  }

  private ByteSize size(VolumeName name) {
    return host.volume(name).orElseThrow().options().require(CommonOptions.SIZE);
  }

  private VolumeName ofOneGiB() {
    VolumeName a = new VolumeName("a");
    host.create.run(host.create.parse(a, Map.of("size", "1GiB")));
    return a;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGrowthThatIsRefusedLeavesTheOldSize(boolean mounted) {
    VolumeName a = ofOneGiB();
    if (mounted) {
      host.mount.run(a, new MountId("x"), OneHost.ENGINE);
    }
    backend.failNext(Verb.ENLARGE);
    assertThatThrownBy(() -> host.maintenance.grow(a, LARGER))
        .isInstanceOf(VolumeException.Failed.class);
    backend.assertAllFailed();
    assertThat(size(a)).isEqualTo(ByteSize.ofGiB(1));
    host.maintenance.grow(a, LARGER);
    assertThat(size(a)).isEqualTo(LARGER);
  }

  @Test
  void aGrowthThatMayComeKeepsTheNewSize() {
    VolumeName a = ofOneGiB();
    backend.loseNext(Verb.ENLARGE);
    assertThatThrownBy(() -> host.maintenance.grow(a, LARGER))
        .isInstanceOf(VolumeException.UnknownOutcome.class);
    assertThat(size(a)).isEqualTo(LARGER);
    backend.failNext(Verb.ENLARGE);
    assertThatThrownBy(() -> host.maintenance.grow(a, LARGER))
        .isInstanceOf(VolumeException.Failed.class);
    assertThat(size(a)).as("what it was is not known").isEqualTo(LARGER);
  }

  @Test
  void whatAMountWarnsOfIsTroubleUntilAGrowthSucceeds() {
    VolumeName a = ofOneGiB();
    backend.warnNext("it is smaller than it is to be");
    host.mount.run(a, new MountId("x"), OneHost.ENGINE);
    host.mount.run(a, new MountId("y"), OneHost.ENGINE);
    assertThat(host.view.find(a).orElseThrow().trouble())
        .map(Trouble::message)
        .contains("it is smaller than it is to be");
    host.maintenance.grow(a, LARGER);
    assertThat(host.view.find(a).orElseThrow().trouble()).isEmpty();
  }
}
