package dev.berth.backend.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.host.HostException;
import dev.berth.host.Mounts;
import dev.berth.testing.Async;
import dev.berth.volume.BackendName;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Volume VOLUME =
      Volume.creating(
          new VolumeName("db"),
          new BackendName("loop"),
          new OptionSchema(List.of()).parse(Map.of()),
          new HostId("h-1"),
          Instant.EPOCH);

  @TempDir Path root;
  private final FreezableFilesystem filesystem = new FreezableFilesystem();
  private final Freezer freezer = new Freezer(volume -> Optional.of(root), new Mounts(filesystem));

  @AfterEach
  void nothingStaysFrozen() {
    filesystem.endWrites();
    assertThat(filesystem.isFrozen()).isFalse();
  }

  @Test
  void whatIsDirtyIsWrittenBeforeTheWritersHaveToWait() {
    assertThat(freezer.whileFrozen(VOLUME, filesystem::isFrozen)).isTrue();
    assertThat(filesystem.done()).containsExactly("flush", "freeze", "thaw");
  }

  /** SIGKILL does not end a freeze that waits for a write: it is done once that has ended. */
  @Test
  void aFreezeThatOutlivesItsLimitIsWaitedForAndThawed() {
    filesystem.beginWrite();
    Future<Boolean> copy = Async.start(() -> freezer.whileFrozen(VOLUME, this::unwanted));
    await().until(() -> filesystem.done().contains("freeze"));
    Async.pause(Duration.ofMillis(300));
    filesystem.endWrites();
    assertThatThrownBy(() -> Async.get(copy, LIMIT))
        .hasCauseInstanceOf(HostException.ToolTimedOut.class);
  }

  @Test
  void aFreezeThatNeverEndsIsWaitedForUntilTheLimitOnly() {
    Freezer impatient =
        new Freezer(volume -> Optional.of(root), new Mounts(filesystem), Duration.ofMillis(50));
    filesystem.beginWrite();
    Future<Boolean> copy = Async.start(() -> impatient.whileFrozen(VOLUME, this::unwanted));
    assertThatThrownBy(() -> Async.get(copy, LIMIT))
        .hasCauseInstanceOf(VolumeException.Failed.class)
        .hasMessageContainingAll("volume db: the kernel has been freezing it", "fsfreeze -u");
    filesystem.endWrites();
    freezer.thaw(VOLUME);
  }

  @Test
  void aFreezeThatIsNotDoneYetIsNotTakenForOneThatAnotherProcessLeft() {
    filesystem.beginWrite();
    filesystem.freezeAsAnotherProcess(root);
    Future<Boolean> copy = Async.start(() -> freezer.whileFrozen(VOLUME, this::unwanted));
    await().until(() -> filesystem.done().contains("freeze"));
    Async.pause(Duration.ofMillis(300));
    filesystem.endWrites();
    assertThatThrownBy(() -> Async.get(copy, LIMIT))
        .hasCauseInstanceOf(HostException.ToolFailed.class);
  }

  @Test
  void whatAnotherProcessLeftFrozenIsCopiedAndThawed() {
    filesystem.freezeAsAnotherProcess(root);
    assertThat(freezer.whileFrozen(VOLUME, filesystem::isFrozen)).isTrue();
  }

  @Test
  void anInterruptedCopyIsThawedAndStaysInterrupted() {
    Future<Boolean> interrupted =
        Async.start(
            () -> {
              freezer.whileFrozen(VOLUME, FreezerTest::interrupt);
              return Thread.currentThread().isInterrupted();
            });
    assertThat(Async.get(interrupted, LIMIT)).isTrue();
  }

  @Test
  void whatIsStillBeingFrozenForADeadProcessIsThawedOnceThatIsDone() {
    filesystem.beginWrite();
    filesystem.freezeAsAnotherProcess(root);
    assertThatThrownBy(() -> freezer.thaw(VOLUME))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("volume db: the kernel is still freezing it");
    filesystem.endWrites();
    freezer.thaw(VOLUME);
    assertThat(filesystem.isFrozen()).isFalse();
  }

  @Test
  void atTheEndACopyIsInterruptedAndThawedByWhoeverMadeIt() {
    CountDownLatch copying = new CountDownLatch(1);
    Future<Boolean> copy = Async.start(() -> freezer.whileFrozen(VOLUME, () -> longCopy(copying)));
    Async.await(copying);
    freezer.end(LIMIT);
    assertThat(filesystem.done()).endsWith("thaw");
    assertThat(filesystem.isFrozen()).isFalse();
    assertThat(Async.get(copy, LIMIT)).as("interrupted").isTrue();
  }

  @Test
  void atTheEndACopyThatDoesNotEndIsThawedAllTheSame() {
    CountDownLatch copying = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Future<Boolean> copy =
        Async.start(() -> freezer.whileFrozen(VOLUME, () -> deafCopy(copying, finish)));
    Async.await(copying);
    freezer.end(Duration.ofMillis(50));
    assertThat(filesystem.isFrozen()).isFalse();
    finish.countDown();
    assertThat(Async.get(copy, LIMIT)).isTrue();
  }

  @Test
  void afterTheEndNothingIsFrozenAnyMore() {
    freezer.end(LIMIT);
    assertThatThrownBy(() -> freezer.whileFrozen(VOLUME, this::unwanted))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("volume db: Berth is being stopped");
    assertThat(filesystem.done()).doesNotContain("freeze");
  }

  private static boolean longCopy(CountDownLatch copying) {
    copying.countDown();
    try {
      TimeUnit.MINUTES.sleep(1);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static boolean deafCopy(CountDownLatch copying, CountDownLatch finish) {
    copying.countDown();
    while (finish.getCount() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
    return Thread.interrupted();
  }

  private static boolean interrupt() {
    Thread.currentThread().interrupt();
    return true;
  }

  private boolean unwanted() {
    throw new AssertionError("copied without being frozen");
  }
}
