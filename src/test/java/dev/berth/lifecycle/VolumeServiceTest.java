package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.berth.lifecycle.ReleaseVolume.Outcome;
import dev.berth.testing.Async;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.Claim;
import dev.berth.volume.MountId;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Unmount, which the engine sends once. */
class VolumeServiceTest {
  private static final MountId X = new MountId("x");
  private static final MountId Y = new MountId("y");
  private static final Duration LIMIT = Duration.ofMillis(400);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host = answering(LIMIT);
  private final CountDownLatch end = new CountDownLatch(1);

  private OneHost answering(Duration limit) {
    return new OneHost(
        InMemoryLedger.ofOneHost(), backend, clock, OneHost.named("h-1", "boot-1"), limit);
  }

  @AfterEach
  void nothingGoesOn() {
    end.countDown();
    backend.assertAllFailed();
  }

  @Test
  void unmountIsAnsweredInTimeHoweverLongItTakesToFlush() {
    VolumeName a = host.mounted("a", "x");
    backend.flushUntil(end);
    unmount(a);
    assertThat(host.claim(a).orElseThrow().mountIds()).isEmpty();
    assertThat(backend.flushed()).isEmpty();
    end.countDown();
    await().until(() -> backend.flushed().contains(a));
    assertThat(host.view.find(a).orElseThrow().trouble()).isEmpty();
  }

  /** The engine waits for the lock of each volume that it is told of, and a Create holds it. */
  @Test
  void theEngineIsNotToldOfAVolumeBeforeItsFirstCreateHasEnded() {
    OneHost patient = answering(LONG);
    VolumeName a = new VolumeName("a");
    VolumeName b = patient.created("b").name();
    backend.provisionUntil(end);
    Future<Volume> first = Async.start(() -> patient.service.create(a, Map.of()));
    await().until(() -> backend.runningProvisions() == 1);
    assertThat(patient.service.made())
        .extracting(status -> status.volume().name())
        .containsExactly(b);
    assertThat(patient.service.made(a)).isEmpty();
    assertThat(patient.service.status(a)).as("operators see it").isPresent();
    Future<Volume> joins = Async.start(() -> patient.service.create(a, Map.of()));
    assertThat(first.isDone() || joins.isDone()).isFalse();
    end.countDown();
    assertThat(Async.get(joins, LONG).id()).isEqualTo(Async.get(first, LONG).id());
    assertThat(patient.service.made(a)).isPresent();
  }

  @Test
  void aCreateWithoutACertainOutcomeIsShownToTheEngine() {
    OneHost patient = answering(LONG);
    VolumeName a = new VolumeName("a");
    backend.loseNext(Verb.PROVISION);
    assertThatThrownBy(() -> patient.service.create(a, Map.of()))
        .isInstanceOf(VolumeException.UnknownOutcome.class);
    assertThat(patient.service.made(a)).isPresent();
  }

  @Test
  void unmountIsAnsweredOnceAllIsFlushedIfThereIsTime() {
    OneHost patient = answering(LONG);
    VolumeName a = patient.mounted("a", "x");
    unmount(patient, a, X);
    assertThat(backend.flushed()).containsExactly(a);
  }

  @Test
  void aFlushThatFailsIsTroubleOfAMountedVolume() {
    OneHost patient = answering(LONG);
    VolumeName a = patient.mounted("a", "x");
    backend.failNext(Verb.FLUSH);
    unmount(patient, a, X);
    assertThat(patient.view.find(a).orElseThrow().trouble()).isPresent();
  }

  @Test
  void aFlushThatFailsBecauseItsVolumeWasReleasedIsNoTrouble() {
    VolumeName a = host.mounted("a", "x");
    host.release.drop(a, X);
    assertThat(host.release.releaseNow(a)).isEqualTo(new Outcome.Released());
    backend.failNext(Verb.FLUSH);
    host.flushes.run(host.volume(a).orElseThrow());
    assertThat(host.view.find(a).orElseThrow().trouble()).isEmpty();
  }

  @Test
  void whatCannotBeDoneDuringAFlushChangesNothingAndSaysSo() {
    VolumeName a = host.mounted("a", "x");
    backend.flushUntil(end);
    unmount(a);
    await().until(() -> backend.runningFlushes(a) == 1);
    assertThatThrownBy(() -> host.forceRelease.run(a, false, false))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("flush, ");
    long revision = host.volume(a).orElseThrow().revision();
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("flush, ");
    assertThat(host.volume(a).orElseThrow().revision()).isEqualTo(revision);
    end.countDown();
    await().until(() -> host.flushes.find(a).isEmpty());
    clock.move(OneHost.LINGER);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @Test
  void aReleaseWaitsUntilAllFlushesHaveEnded() {
    VolumeName a = host.mounted("a", "x", "y");
    backend.flushUntil(end);
    unmount(a);
    await().until(() -> backend.runningFlushes(a) == 1);
    CountDownLatch endOfSecond = new CountDownLatch(1);
    backend.flushUntil(endOfSecond);
    unmount(host, a, Y);
    await().until(() -> backend.runningFlushes(a) == 2);
    assertHeldByFlush(a);
    end.countDown();
    await().until(() -> backend.flushed().size() == 1);
    assertHeldByFlush(a);
    endOfSecond.countDown();
    await().until(() -> host.flushes.find(a).isEmpty());
    assertThat(host.release.releaseNow(a)).isEqualTo(new Outcome.Released());
    assertThat(host.view.find(a).orElseThrow().trouble()).isEmpty();
    assertThat(host.isFree(a)).isTrue();
  }

  private void assertHeldByFlush(VolumeName name) {
    assertThat(host.release.releaseNow(name))
        .asInstanceOf(type(Outcome.Held.class))
        .extracting(Outcome.Held::why, STRING)
        .contains("flush, ");
  }

  @Test
  void anUnmountThatCannotWaitForTheLockIsNotForgotten() {
    VolumeName a = host.mounted("a", "x", "y");
    whileLocked(a, () -> unmount(a));
    assertThat(host.release.tryRelease(a)).isInstanceOf(Outcome.Held.class);
    assertThat(host.claim(a).orElseThrow().mountIds()).containsOnlyKeys(Y);
    host.release.drop(a, Y);
    clock.move(OneHost.LINGER);
    host.queue.tryNow(a);
    assertThat(host.isFree(a)).isTrue();
  }

  @Test
  void theSweeperReleasesWhatWasBusyForLong() {
    VolumeName a = host.mounted("a", "x");
    backend.flushUntil(end);
    whileLocked(
        a,
        () -> {
          unmount(a);
          Claim claim = host.claim(a).orElseThrow();
          host.records.putClaim(Optional.of(claim), claim);
        });
    host.sweeper.sweep();
    await().until(() -> host.claim(a).orElseThrow().mountIds().isEmpty());
    host.queue.stop();
    end.countDown();
    clock.move(OneHost.LINGER);
    await()
        .until(
            () -> {
              host.sweeper.sweep();
              return host.isFree(a);
            });
  }

  @Test
  void aMountThatComesAfterAnUnmountThatCouldNotWaitCounts() {
    VolumeName a = host.mounted("a", "x");
    whileLocked(a, () -> unmount(a));
    // Its limit is short here; the same call again joins what goes on.
    await()
        .ignoreExceptionsInstanceOf(VolumeException.Busy.class)
        .until(
            () -> {
              host.service.mount(a, X, OneHost.ENGINE);
              return true;
            });
    clock.move(OneHost.LINGER);
    host.queue.tryNow(a);
    assertThat(backend.isMounted(a)).isTrue();
  }

  private void whileLocked(VolumeName name, Runnable work) {
    CountDownLatch locked = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Future<Boolean> holder =
        Async.start(
            () ->
                host.locks.with(
                    name,
                    new Progress("something slow"),
                    LONG,
                    () -> {
                      locked.countDown();
                      Async.await(done);
                      return true;
                    }));
    Async.await(locked);
    try {
      work.run();
    } finally {
      done.countDown();
    }
    assertThat(Async.get(holder, LONG)).isTrue();
  }

  private void unmount(VolumeName name) {
    unmount(host, name, X);
  }

  private static void unmount(OneHost host, VolumeName name, MountId id) {
    Future<Boolean> answer =
        Async.start(
            () -> {
              host.service.unmount(name, id);
              return true;
            });
    assertThat(Async.get(answer, LONG)).isTrue();
  }
}
