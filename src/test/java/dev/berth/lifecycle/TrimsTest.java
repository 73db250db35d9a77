package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.backend.Observed;
import dev.berth.testing.Async;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TrimsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host =
      new OneHost(InMemoryLedger.ofOneHost(), backend, clock, OneHost.named("h-1", "boot-1"));

  private void runAfterAnInterval() {
    clock.move(OneHost.TRIM_INTERVAL);
    host.trims.runDue();
  }

  @Test
  void whatStaysMountedIsTrimmedPieceByPieceOnceInAnInterval() {
    host.mounted("a", "x");
    host.trims.runDue();
    assertThat(backend.trimmed()).isEmpty();
    runAfterAnInterval();
    assertThat(backend.trimmed()).containsExactly("a 0", "a 1", "a 2");
    host.trims.runDue();
    assertThat(backend.trimmed()).hasSize(3);
    runAfterAnInterval();
    assertThat(backend.trimmed()).hasSize(6);
  }

  /** It may be frozen. */
  @Test
  void whatIsBeingCopiedIsNotTrimmedAndHasItsTurnAfterwards() {
    VolumeName a = host.mounted("a", "x");
    host.mounted("b", "x");
    host.trims.runDue();
    host.pins.pin(a, new Progress("snapshot"));
    runAfterAnInterval();
    assertThat(backend.trimmed()).containsExactly("b 0", "b 1", "b 2");
    host.pins.unpin(a);
    host.trims.runDue();
    assertThat(backend.trimmed()).contains("a 0", "a 1", "a 2").hasSize(6);
  }

  @Test
  void whatSomethingElseIsDoneWithIsNotWaitedFor() {
    VolumeName a = host.mounted("a", "x");
    host.trims.runDue();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<Boolean> other =
        Async.start(
            () ->
                host.locks.with(
                    a,
                    new Progress("mount"),
                    Duration.ZERO,
                    () -> {
                      begun.countDown();
                      Async.await(end);
                      return true;
                    }));
    Async.await(begun);
    runAfterAnInterval();
    assertThat(backend.trimmed()).isEmpty();
    end.countDown();
    assertThat(Async.get(other, LIMIT)).isTrue();
    host.trims.runDue();
    assertThat(backend.trimmed()).hasSize(3);
  }

  @Test
  void oneThatFailsHarmsNobody() {
    host.mounted("a", "x");
    host.mounted("b", "x");
    host.trims.runDue();
    backend.failNext(Verb.TRIM);
    runAfterAnInterval();
    assertThat(backend.trimmed()).containsExactly("b 0", "b 1", "b 2");
    backend.assertAllFailed();
    runAfterAnInterval();
    assertThat(backend.trimmed())
        .as("the pieces after the one that failed have their turn")
        .filteredOn(piece -> piece.startsWith("a"))
        .containsExactly("a 1", "a 2");
  }

  @Test
  void whatIsNotMountedIsNotTrimmed() {
    VolumeName a = host.mounted("a", "x");
    host.trims.runDue();
    host.view.update(a, status -> status.with(new Observed.Detached()));
    runAfterAnInterval();
    assertThat(backend.trimmed()).isEmpty();
  }
}
