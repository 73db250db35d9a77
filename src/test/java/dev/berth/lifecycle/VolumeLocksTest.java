package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Async;
import dev.berth.testing.Rule;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Rule(10)
class VolumeLocksTest {
  private static final VolumeName A = new VolumeName("a");
  private static final VolumeName B = new VolumeName("b");
  private static final Duration LONG = Duration.ofSeconds(60);

  private final VolumeLocks locks = new VolumeLocks();

  @Test
  void aWaitEndsWithWhatHoldsTheLock() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Future<Boolean> holder = Async.start(() -> hold("mount", held, done));
    held.await();
    assertThatThrownBy(
            () -> locks.with(A, new Progress("remove"), Duration.ofMillis(20), () -> true))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("volume a is busy (mount");
    assertThat(locks.size()).isEqualTo(1);
    done.countDown();
    assertThat(Async.get(holder, LONG)).isTrue();
    assertThat(locks.size()).isZero();
  }

  @Test
  void anotherVolumeIsNotWaitedFor() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Future<Boolean> holder = Async.start(() -> hold("mount", held, done));
    held.await();
    assertThat(locks.<Boolean>with(B, new Progress("mount"), Duration.ZERO, () -> true)).isTrue();
    done.countDown();
    Async.get(holder, LONG);
  }

  @Test
  void workThatFailsFreesTheLock() {
    assertThatThrownBy(
            () ->
                locks.with(
                    A,
                    new Progress("mount"),
                    LONG,
                    () -> {
                      throw new VolumeException.Failed("no luck");
                    }))
        .hasMessage("no luck");
    assertThat(locks.size()).isZero();
    assertThat(locks.<Boolean>with(A, new Progress("mount"), Duration.ZERO, () -> true)).isTrue();
  }

  @Test
  void aWaitThatIsInterruptedLeavesNothing() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Future<Boolean> holder = Async.start(() -> hold("mount", held, done));
    held.await();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> locks.with(A, new Progress("remove"), LONG, () -> true))
        .isInstanceOf(VolumeException.Busy.class);
    assertThat(Thread.interrupted()).isTrue();
    done.countDown();
    Async.get(holder, LONG);
    assertThat(locks.size()).isZero();
  }

  @Test
  void oneAtATimeForAVolumeAndNoneLeftInTheEnd() {
    int[] counts = new int[2];
    List<Future<Boolean>> workers =
        IntStream.range(0, 50).mapToObj(worker -> Async.start(() -> count(counts))).toList();
    workers.forEach(worker -> Async.get(worker, LONG));
    assertThat(counts).containsExactly(5_000, 5_000);
    assertThat(locks.size()).isZero();
  }

  private boolean count(int[] counts) {
    for (int round = 0; round < 200; round++) {
      int volume = round % 2;
      locks.with(volume == 0 ? A : B, new Progress("count"), LONG, () -> counts[volume]++);
    }
    return true;
  }

  private boolean hold(String what, CountDownLatch held, CountDownLatch done) {
    return locks.with(
        A,
        new Progress(what),
        LONG,
        () -> {
          held.countDown();
          try {
            done.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return true;
        });
  }
}
