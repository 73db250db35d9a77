package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.lifecycle.ReleaseVolume.Outcome;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ledger that cannot be written, or not even read, for a while. */
class FullLedgerTest {
  private static final VolumeName A = new VolumeName("a");
  private static final MountId X = new MountId("x");
  private static final MountId Y = new MountId("y");

  private final InMemoryLedger ledger = InMemoryLedger.ofOneHost();
  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host = new OneHost(ledger, backend, clock, OneHost.named("h-1", "boot-1"));

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aCreateThatCannotBeRecordedLeavesNothingBehindInTheBackend(int writes) {
    ledger.fullAfter(writes);
    assertThatThrownBy(() -> host.created("a")).isInstanceOf(VolumeException.Failed.class);
    assertThat(backend.exists(A)).isFalse();
    ledger.emptied();
    assertThat(host.created("a").state()).isInstanceOf(VolumeState.Ready.class);
    assertThat(backend.exists(A)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFirstMountThatCannotBeRecordedIsAnErrorAndIsReleasedLater(int writes) {
    host.created("a");
    ledger.fullAfter(writes);
    assertThatThrownBy(() -> host.mount.run(A, X, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Failed.class);
    ledger.emptied();
    clock.move(OneHost.LINGER);
    assertThat(host.release.tryRelease(A)).isEqualTo(new Outcome.Released());
    assertThat(host.isFree(A)).isTrue();
    host.mount.run(A, X, OneHost.ENGINE);
    assertThat(backend.isMounted(A)).isTrue();
  }

  @Test
  void aMountOfAMountedVolumeSucceedsAllTheSame() {
    host.mounted("a", "x");
    ledger.fullAfter(0);
    assertThat(host.mount.run(A, Y, OneHost.ENGINE))
        .isEqualTo(backend.mountpoint(host.volume(A).orElseThrow()));
  }

  @Test
  void aMountOfAMountedVolumeNeedsNotEvenRead() {
    host.mounted("a", "x");
    ledger.readable(false);
    host.release.drop(A, X);
    assertThat(host.mount.run(A, X, OneHost.ENGINE)).isEqualTo(backend.mountpoint(viewed()));
    ledger.readable(true);
    clock.move(OneHost.LINGER);
    assertThat(host.release.tryRelease(A)).isInstanceOf(Outcome.Held.class);
    assertThat(backend.isMounted(A)).isTrue();
  }

  @Test
  void aFirstMountThatCannotReadIsAnError() {
    host.created("a");
    ledger.readable(false);
    assertThatThrownBy(() -> host.mount.run(A, X, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("cannot be read");
    assertThat(backend.isMounted(A)).isFalse();
  }

  private Volume viewed() {
    return host.view.find(A).orElseThrow().volume();
  }

  @Test
  void anUnmountIsNotForgotten() {
    host.mounted("a", "x");
    ledger.fullAfter(0);
    host.release.drop(A, X);
    clock.move(OneHost.LINGER);
    assertThat(host.view.find(A).orElseThrow().claim().orElseThrow().mountIds()).isEmpty();
    assertThatThrownBy(() -> host.release.tryRelease(A)).isInstanceOf(VolumeException.Failed.class);
    assertThat(backend.isMounted(A)).isTrue();
    ledger.emptied();
    assertThat(host.release.tryRelease(A)).isInstanceOf(Outcome.Lingering.class);
    clock.move(OneHost.LINGER);
    assertThat(host.release.tryRelease(A)).isEqualTo(new Outcome.Released());
    assertThat(host.isFree(A)).isTrue();
  }

  @Test
  void anUnmountOfOneOfTwoLeavesTheOther() {
    host.mounted("a", "x", "y");
    ledger.fullAfter(0);
    host.release.drop(A, X);
    ledger.emptied();
    clock.move(OneHost.LINGER);
    assertThat(host.release.tryRelease(A)).isInstanceOf(Outcome.Held.class);
    assertThat(host.claim(A).orElseThrow().mountIds()).containsOnlyKeys(Y);
  }

  @Test
  void aMountWithAnIdWhoseUnmountWasNotWrittenCounts() {
    host.mounted("a", "x");
    ledger.fullAfter(0);
    host.release.drop(A, X);
    ledger.emptied();
    host.mount.run(A, X, OneHost.ENGINE);
    clock.move(OneHost.LINGER);
    assertThat(host.release.tryRelease(A)).isInstanceOf(Outcome.Held.class);
    assertThat(backend.isMounted(A)).isTrue();
  }

  @Test
  void aReleaseThatCannotBeRecordedIsFinishedLater() {
    host.mounted("a", "x");
    host.release.drop(A, X);
    clock.move(OneHost.LINGER);
    ledger.fullAfter(0);
    assertThat(host.release.tryRelease(A)).isInstanceOf(Outcome.Held.class);
    ledger.emptied();
    assertThat(host.release.tryRelease(A)).isEqualTo(new Outcome.Released());
    assertThat(host.isFree(A)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aRemoveThatCannotBeRecordedIsAnErrorAndIsFinishedLater(int writes) {
    host.created("a");
    ledger.fullAfter(writes);
    assertThatThrownBy(() -> host.remove.run(A)).isInstanceOf(VolumeException.Failed.class);
    assertThat(backend.exists(A)).isEqualTo(writes == 0);
    ledger.emptied();
    host.remove.run(A);
    assertThat(host.volume(A)).isEmpty();
    assertThat(backend.exists(A)).isFalse();
  }
}
