package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.backend.Observed.Health;
import dev.berth.host.MountTable;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of volumes that are on this host and are not what they should be. */
@Rule({4, 6})
class MountRepairTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Health FAILED = new Health.Failed("its filesystem is dead");
  private static final MountId Y = new MountId("y");

  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host =
      new OneHost(InMemoryLedger.ofOneHost(), backend, clock, OneHost.named("h-1", "boot-1"));

  @AfterEach
  void everyOrderedFailureHappened() {
    backend.assertAllFailed();
  }

  /** Everything on this host has /proc, this process included. */
  private void beUsed() {
    backend.beOn(MountTable.own().at(Path.of("/proc")).orElseThrow().device().toString());
  }

  private String lastError(VolumeName name) {
    return host.view.find(name).flatMap(VolumeStatus::lastError).orElse("");
  }

  @Test
  void whatFailedAndNobodyUsesIsMountedAnew() {
    VolumeName a = host.mounted("a", "x");
    backend.become(a, FAILED);
    assertThat(host.mount.run(a, Y, OneHost.ENGINE)).isEqualTo(Path.of("/fake/a"));
    assertThat(backend.isMounted(a)).isTrue();
    assertThat(host.claim(a).orElseThrow().mountIds()).containsKeys(new MountId("x"), Y);
    assertThat(host.owner(a)).contains(host.host.id());
    assertThat(lastError(a)).isEmpty();
  }

  @Test
  void whatFailedAndIsUsedStaysAndIsTold() {
    VolumeName a = host.mounted("a", "x");
    beUsed();
    backend.become(a, FAILED);
    assertThatThrownBy(() -> host.mount.run(a, Y, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("the backend says: its filesystem is dead")
        .hasMessageContaining("process " + ProcessHandle.current().pid())
        .hasMessageContaining("stop that, then start it again");
    assertThat(backend.isMounted(a)).isTrue();
    assertThat(host.claim(a).orElseThrow().mountIds()).containsOnlyKeys(new MountId("x"));
    assertThat(lastError(a)).contains("volume a cannot be used: its filesystem is dead");
  }

  @Test
  void whatIsBeingCopiedIsNotUnmounted() {
    VolumeName a = host.mounted("a", "x");
    backend.become(a, FAILED);
    host.pins.pin(a, new Progress("snapshot"));
    assertThatThrownBy(() -> host.mount.run(a, Y, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("snapshot");
    host.pins.unpin(a);
    host.mount.run(a, Y, OneHost.ENGINE);
  }

  @Test
  void whatCannotBeUnmountedKeepsItsClaim() {
    VolumeName a = host.mounted("a", "x");
    backend.become(a, FAILED);
    backend.failNext(Verb.UNMOUNT);
    assertThatThrownBy(() -> host.mount.run(a, Y, OneHost.ENGINE))
        .hasMessageContaining("UNMOUNT of a");
    assertThat(backend.isMounted(a)).isTrue();
    assertThat(host.claim(a)).isPresent();
    host.mount.run(a, Y, OneHost.ENGINE);
  }

  @Test
  void aSweepSeesWhatFailedAndWhatIsWellAgain() {
    VolumeName a = host.mounted("a", "x");
    backend.become(a, FAILED);
    host.sweeper.sweep();
    await().atMost(LIMIT).until(() -> lastError(a).contains("its filesystem is dead"));
    backend.become(a, new Health.Doomed("its file is deleted"));
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              host.sweeper.sweep();
              return lastError(a).equals("volume a: its file is deleted");
            });
    backend.become(a, new Health.Sound());
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              host.sweeper.sweep();
              return lastError(a).isEmpty();
            });
  }

  /** EC2 does not answer, for example. */
  @Test
  void whatIsUnmountedAndNotDetachedIsNotShownAsMounted() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, new MountId("x"));
    backend.failNext(Verb.DETACH);
    host.release.releaseNow(a);
    assertThat(host.view.find(a).orElseThrow().mounted()).isFalse();
    assertThat(lastError(a)).contains("DETACH of a was to fail");
    VolumeName b = host.mounted("b");
    backend.failNext(Verb.DETACH);
    assertThatThrownBy(() -> host.remove.run(b)).hasMessageContaining("DETACH of b");
    assertThat(host.view.find(b).orElseThrow().mounted()).isFalse();
  }
}
