package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.Rule;
import dev.berth.volume.HostId;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Rule(5)
class OperationsTest {
  private static final VolumeName A = new VolumeName("a");
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final VolumeLocks locks = new VolumeLocks();
  private final Operations operations =
      new Operations(locks, new ThisHost(new HostId("h-1"), "boot-1"));
  private final CountDownLatch finish = new CountDownLatch(1);
  private final List<String> abandoned = new CopyOnWriteArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    finish.countDown();
    await().until(() -> operations.running() == 0 && locks.size() == 0);
  }

  @Test
  void aResultInTimeIsReturnedAndNotAbandoned() {
    assertThat(operations.run(A, "mount", LONG, () -> "done", abandoned::add)).isEqualTo("done");
    await().until(() -> operations.running() == 0);
    assertThat(abandoned).isEmpty();
  }

  @Test
  void aFailureReachesTheCallerAsItIs() {
    VolumeException.Refused refused = new VolumeException.Refused("no");
    assertThatThrownBy(
            () ->
                operations.run(
                    A,
                    "mount",
                    LONG,
                    () -> {
                      throw refused;
                    }))
        .isSameAs(refused);
  }

  @Test
  void overTheLimitTheCallerIsToldAndTheResultIsAbandonedUnderTheLock() {
    assertThatThrownBy(() -> operations.run(A, "mount", SHORT, this::slowly, this::abandon))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("volume a on host h-1: still in progress (mount");
    assertThat(operations.running()).isEqualTo(1);
    assertThat(abandoned).isEmpty();
    finish.countDown();
    await().until(() -> operations.running() == 0);
    assertThat(abandoned).containsExactly("done, locked");
  }

  @Test
  void theSameCallAgainWaitsForTheFirst() {
    assertThatThrownBy(() -> operations.run(A, "mount", SHORT, this::slowly, abandoned::add))
        .isInstanceOf(VolumeException.Busy.class);
    Future<String> second =
        Async.start(() -> operations.run(A, "mount", LONG, () -> "after " + abandoned));
    finish.countDown();
    assertThat(Async.get(second, LONG)).isEqualTo("after [done]");
  }

  @Test
  void aWaitForTheLockEndsBeforeTheLimit() {
    Future<String> first = Async.start(() -> operations.run(A, "mount", LONG, this::slowly));
    await().until(() -> locks.size() == 1);
    assertThatThrownBy(
            () ->
                operations.run(A, "remove", Duration.ofSeconds(15), () -> "never", abandoned::add))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("is busy (mount");
    finish.countDown();
    assertThat(Async.get(first, LONG)).isEqualTo("done");
    assertThat(abandoned).isEmpty();
  }

  @Test
  void anInterruptedCallerLeavesAResultThatIsAbandoned() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> operations.run(A, "mount", LONG, this::slowly, abandoned::add))
        .isInstanceOf(VolumeException.Busy.class);
    assertThat(Thread.interrupted()).isTrue();
    finish.countDown();
    await().untilAsserted(() -> assertThat(abandoned).containsExactly("done"));
  }

  private String slowly() {
    try {
      finish.await();
      return "done";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void abandon(String result) {
    boolean locked = Async.get(Async.start(OperationsTest.this::isLocked), LONG);
    abandoned.add(result + (locked ? ", locked" : ", not locked"));
  }

  private boolean isLocked() {
    try {
      locks.with(A, new Progress("look"), Duration.ZERO, () -> true);
      return false;
    } catch (VolumeException.Busy e) {
      return true;
    }
  }
}
