package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Rule(9)
class RecoveryTest {
  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost before =
      new OneHost(InMemoryLedger.ofManyHosts(), backend, clock, OneHost.named("h-1", "boot-1"));

  @AfterEach
  void everyOrderedFailureHappened() {
    backend.assertAllFailed();
  }

  @Test
  void aCreateThatWasCutOffIsFinished() {
    VolumeName a = intent(before, "a");
    OneHost after = recovered(before.restarted());
    assertThat(after.view.find(a).orElseThrow().volume().state().word()).isEqualTo("creating");
    assertThat(after.service.made()).as("what the engine is told of").hasSize(1);
    assertThat(after.service.made(a)).isPresent();
    after.recovery.resume();
    await().until(() -> before.volume(a).orElseThrow().state() instanceof VolumeState.Ready);
    assertThat(backend.exists(a)).isTrue();
  }

  @Test
  void aCreateThatCannotBeFinishedIsRolledBack() {
    VolumeName a = intent(before, "a");
    backend.failNext(Verb.PROVISION);
    recovered(before.restarted()).recovery.resume();
    await().until(() -> before.volume(a).isEmpty());
    assertThat(backend.exists(a)).isFalse();
  }

  @Test
  void aCreateOfAnotherHostIsLeftToIt() {
    VolumeName a = intent(before, "a");
    OneHost other =
        new OneHost(before.ledger, new FakeBackend(), clock, OneHost.named("h-2", "boot-9"));
    VolumeName b = intent(other, "b");
    recovered(other.restarted()).recovery.resume();
    await().until(() -> other.volume(b).orElseThrow().state() instanceof VolumeState.Ready);
    assertThat(before.volume(a).orElseThrow().state()).isInstanceOf(VolumeState.Creating.class);
  }

  @Test
  void aRemoveThatWasCutOffIsFinished() {
    VolumeName a = before.created("a").name();
    backend.loseNext(Verb.DEPROVISION);
    assertThatThrownBy(() -> before.remove.run(a))
        .isInstanceOf(VolumeException.UnknownOutcome.class);
    recovered(before.restarted()).recovery.resume();
    await().until(() -> before.volume(a).isEmpty());
    assertThat(backend.exists(a)).isFalse();
  }

  @Test
  void everyNewTryOfARemoveIsCounted() {
    VolumeName a = before.created("a").name();
    for (int resumed = 0; resumed < 3; resumed++) {
      backend.loseNext(Verb.DEPROVISION);
      assertThatThrownBy(() -> before.remove.run(a))
          .isInstanceOf(VolumeException.UnknownOutcome.class);
      assertThat(before.volume(a).orElseThrow().state())
          .asInstanceOf(type(VolumeState.Deleting.class))
          .extracting(VolumeState.Deleting::resumed)
          .isEqualTo(resumed);
    }
    before.remove.run(a);
    assertThat(before.volume(a)).isEmpty();
  }

  @Test
  void aLiveMountIsTakenUpWithItsIds() {
    VolumeName a = before.mounted("a", "x");
    OneHost after = recovered(before.restarted());
    after.recovery.resume();
    await().until(() -> after.view.find(a).orElseThrow().mounted());
    await().until(() -> after.locks.size() == 0);
    assertThat(before.claim(a).orElseThrow().mountIds()).containsKey(new MountId("x"));
    assertThat(backend.isMounted(a)).isTrue();
  }

  @Test
  void aMountThatNobodyUsesIsReleased() {
    VolumeName a = before.mounted("a", "x");
    before.release.drop(a, new MountId("x"));
    clock.move(OneHost.LINGER);
    recovered(before.restarted()).recovery.resume();
    await().until(() -> before.isFree(a));
  }

  @Test
  void afterABootNothingIsHeldAnyMore() {
    VolumeName a = before.mounted("a", "x");
    OneHost after = recovered(before.booted("boot-2"));
    clock.move(OneHost.LINGER);
    after.recovery.resume();
    await().until(() -> before.claim(a).filter(claim -> !claim.mountIds().isEmpty()).isEmpty());
    clock.move(OneHost.LINGER);
    await()
        .until(
            () -> {
              after.sweeper.sweep();
              return before.isFree(a);
            });
  }

  @Test
  void aFreezeThatADeadProcessBeganIsThawedOnceItIsDoneAndKeepsTheVolumeMountedUntilThen() {
    VolumeName a = before.mounted("a", "x");
    before.release.drop(a, new MountId("x"));
    clock.move(OneHost.LINGER);
    backend.beginFreeze(a);
    OneHost after = recovered(before.restarted());
    after.recovery.resume();
    await().until(() -> after.pins.find(a).isPresent());
    assertThat(after.mounted("a", "y")).as("its lock is free").isEqualTo(a);
    after.release.drop(a, new MountId("y"));
    clock.move(OneHost.LINGER);
    after.queue.tryNow(a);
    assertThat(backend.isMounted(a)).isTrue();
    backend.completeFreeze(a);
    await().until(() -> !backend.isFrozen(a) && after.pins.find(a).isEmpty());
  }

  @Test
  void aFreezeThatNeverEndsKeepsTheVolumeForSomeTimeOnly() {
    VolumeName a = before.mounted("a", "x");
    backend.beginFreeze(a);
    OneHost after = recovered(before.restarted());
    after.recovery.resume();
    await().until(() -> after.pins.find(a).isPresent());
    clock.move(Duration.ofMinutes(6));
    await().until(() -> after.pins.find(a).isEmpty());
    assertThat(after.view.find(a).orElseThrow().lastError().orElseThrow())
        .contains("volume a", "fsfreeze -u");
    after.service.release(a, true, false);
    assertThat(before.isFree(a)).isTrue();
  }

  /** Berth died between the intent to grow it and what the backend says of that. */
  @Test
  void aSizeThatCannotBeHadIsTakenBackByTheNextStart() {
    VolumeName a = withASizeThatItHasNot();
    backend.failNext(Verb.ENLARGE);
    isTakenBack(a);
  }

  /** An earlier Berth asked the host's filesystem only after it had written the size. */
  @Test
  void soIsOneThatNoVolumeOfThisHostCanHave() {
    VolumeName a = withASizeThatItHasNot();
    backend.failNext(Verb.SIZE, VolumeException.Invalid::new);
    isTakenBack(a);
  }

  private VolumeName withASizeThatItHasNot() {
    backend.be(ByteSize.ofGiB(1));
    VolumeName a = new VolumeName("a");
    Volume made = before.create.run(before.create.parse(a, Map.of("size", "1GiB")));
    before.records.replace(made, made.options().with(CommonOptions.SIZE, ByteSize.ofGiB(1L << 30)));
    return a;
  }

  private void isTakenBack(VolumeName a) {
    recovered(before.restarted()).recovery.resume();
    await()
        .until(
            () ->
                before
                    .volume(a)
                    .orElseThrow()
                    .options()
                    .require(CommonOptions.SIZE)
                    .equals(ByteSize.ofGiB(1)));
  }

  @Test
  void idsOfADeadEngineStayDeadAfterARestart() {
    VolumeName a = before.mounted("a", "x");
    before.pins.pin(a, new dev.berth.volume.Progress("something that holds it"));
    before.epoch.advance();
    clock.move(OneHost.LINGER);
    before.queue.tryNow(a);
    assertThat(backend.isMounted(a)).isTrue();
    recovered(before.restarted()).recovery.resume();
    await().until(() -> before.isFree(a));
  }

  @Test
  void aNewIdCountsAlthoughTheEngineCountsAnewAfterARestart() {
    before.epoch.advance();
    before.epoch.advance();
    VolumeName a = before.mounted("a", "x");
    OneHost after = recovered(before.restarted());
    VolumeName b = after.mounted("b", "y");
    clock.move(OneHost.LINGER);
    after.sweeper.sweep();
    after.queue.tryNow(a);
    after.queue.tryNow(b);
    assertThat(backend.isMounted(a)).isTrue();
    assertThat(backend.isMounted(b)).isTrue();
  }

  private VolumeName intent(OneHost host, String name) {
    return host.ledger
        .volumes()
        .insert(
            Volume.creating(
                new VolumeName(name),
                FakeBackend.NAME,
                VolumeOptions.NONE,
                host.host.id(),
                clock.instant()))
        .name();
  }

  private static OneHost recovered(OneHost host) {
    host.recovery.loadView();
    return host;
  }
}
