package dev.berth.lifecycle;

import static dev.berth.lifecycle.OneHost.LINGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.lifecycle.ReleaseVolume.Outcome;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Rule(7)
class ReleaseVolumeTest {
  @Test
  void whoKeepsItMountedThoughNobodyMayIsShownUntilItIsReleased() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, new MountId("x"));
    clock.move(OneHost.LINGER);
    backend.failNext(
        FakeBackend.Verb.UNMOUNT,
        text -> new dev.berth.volume.VolumeException.InUse("process 4711, sleep, has it"));
    host.queue.tryNow(a);
    assertThat(host.view.find(a).orElseThrow().heldBy()).contains("process 4711, sleep, has it");
    assertThat(host.view.find(a).orElseThrow().lastError()).isEmpty();
    host.mount.run(a, new MountId("y"), OneHost.ENGINE);
    assertThat(host.view.find(a).orElseThrow().heldBy()).as("its user is known").isEmpty();
    host.release.drop(a, new MountId("y"));
    clock.move(OneHost.LINGER);
    host.queue.tryNow(a);
    assertThat(host.view.find(a).orElseThrow().heldBy()).isEmpty();
  }

  private static final MountId X = new MountId("x");
  private static final MountId Y = new MountId("y");

  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host =
      new OneHost(InMemoryLedger.ofOneHost(), backend, clock, OneHost.named("h-1", "boot-1"));

  @AfterEach
  void everyOrderedFailureHappened() {
    backend.assertAllFailed();
  }

  @Test
  void aVolumeStaysForItsLastIdAndThenForItsLinger() {
    VolumeName a = host.mounted("a", "x", "y");
    assertHeld(a);
    host.release.drop(a, X);
    host.release.drop(a, X);
    assertHeld(a);
    host.release.drop(a, Y);
    assertThat(host.release.tryRelease(a))
        .isEqualTo(new Outcome.Lingering(clock.instant().plus(LINGER)));
    clock.move(LINGER);
    assertReleased(a);
  }

  @Test
  void aMountThatComesMeanwhileKeepsIt() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    clock.move(LINGER.minusMillis(1));
    host.mount.run(a, Y, OneHost.ENGINE);
    clock.move(LINGER);
    assertHeld(a);
  }

  @Test
  void aClockThatWasSetBackLetsNothingLingerForLong() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    clock.move(Duration.ofDays(-1));
    assertReleased(a);
  }

  @Test
  void releaseNowDoesNotWaitForTheLinger() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    assertThat(host.release.releaseNow(a)).isEqualTo(new Outcome.Released());
    assertThat(host.isFree(a)).isTrue();
  }

  @Test
  void idsOfADeadEngineDoNotCount() {
    VolumeName a = host.mounted("a", "x");
    host.epoch.advance();
    clock.move(LINGER);
    assertReleased(a);
  }

  @Test
  void idsOfAnEarlierBootDoNotCount() {
    VolumeName a = host.mounted("a", "x");
    clock.move(LINGER);
    OneHost later = host.booted("boot-2");
    assertThat(later.release.tryRelease(a)).isEqualTo(new Outcome.Released());
    assertThat(later.isFree(a)).isTrue();
  }

  @Test
  void aPinnedVolumeStays() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    clock.move(LINGER);
    host.pins.pin(a, new Progress("snapshot"));
    assertHeld(a);
    host.pins.unpin(a);
    assertReleased(a);
  }

  @Test
  void anUnmountThatFailsIsKeptAsTroubleAndTriedAgain() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    clock.move(LINGER);
    backend.failNext(Verb.UNMOUNT);
    assertHeld(a);
    assertThat(host.view.find(a).orElseThrow().trouble()).isPresent();
    assertThat(host.claim(a)).isPresent();
    assertThat(host.owner(a)).contains(host.host.id());
    assertReleased(a);
  }

  @Test
  void aVolumeOfAnotherHostIsLeftAlone() {
    VolumeName a = host.mounted("a", "x");
    OneHost other =
        new OneHost(host.ledger, new FakeBackend(), clock, OneHost.named("h-2", "boot-9"));
    clock.move(LINGER);
    assertThat(other.release.tryRelease(a)).isEqualTo(new Outcome.Released());
    assertThat(host.owner(a)).contains(host.host.id());
    assertThat(host.claim(a)).isPresent();
  }

  @Test
  void aFailedMountOfAnUnusedVolumeLeavesNeitherClaimNorOwner() {
    VolumeName a = host.created("a").name();
    backend.failNext(Verb.MOUNT);
    assertThatThrownBy(() -> host.mount.run(a, X, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Failed.class);
    assertThat(host.isFree(a)).isTrue();
    assertThat(host.view.find(a).orElseThrow().trouble()).isPresent();
  }

  @Test
  void anAbandonedMountIsKeptForTheNextTryOnlySoLong() {
    VolumeName a = host.mounted("a", "x");
    host.release.abandon(a, X);
    clock.move(ReleaseVolume.KEPT_FOR_RETRY.minusMillis(1));
    assertThat(host.release.tryRelease(a)).isInstanceOf(Outcome.Lingering.class);
    clock.move(Duration.ofMillis(1));
    assertReleased(a);
  }

  @Test
  void aClockThatWasSetBackKeepsNoAbandonedMountForLong() {
    VolumeName a = host.mounted("a", "x");
    host.release.abandon(a, X);
    clock.move(Duration.ofHours(-1));
    assertReleased(a);
  }

  @Test
  void aClockThatWasSetBackDelaysNoRemove() {
    VolumeName a = host.mounted("a", "x");
    clock.move(Duration.ofHours(-1));
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @Test
  void theTryThatAnAbandonedMountWasKeptForEndsThat() {
    VolumeName a = host.mounted("a", "x");
    host.release.abandon(a, X);
    host.mount.run(a, Y, OneHost.ENGINE);
    host.release.drop(a, Y);
    clock.move(LINGER);
    assertReleased(a);
  }

  @Test
  void dropAndReleaseOfAnythingUnknownSucceed() {
    VolumeName unknown = new VolumeName("unknown");
    host.release.drop(unknown, X);
    assertThat(host.release.tryRelease(unknown)).isEqualTo(new Outcome.Released());
    VolumeName never = host.created("never-mounted").name();
    host.release.drop(never, X);
    assertReleased(never);
  }

  private void assertHeld(VolumeName name) {
    assertThat(host.release.tryRelease(name)).isInstanceOf(Outcome.Held.class);
    assertThat(backend.isMounted(name)).isTrue();
  }

  private void assertReleased(VolumeName name) {
    assertThat(host.release.tryRelease(name)).isEqualTo(new Outcome.Released());
    assertThat(host.isFree(name)).isTrue();
  }
}
