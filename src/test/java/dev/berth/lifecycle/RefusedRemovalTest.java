package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.Claim;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeState;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A removal that is refused changes nothing, whoever refuses it, however, and whenever: at a
 * command or at a start. Only one that has begun, or of which that is not known, is carried on.
 */
class RefusedRemovalTest {
  /** Every kind of failure there is. */
  enum Kind {
    INVALID,
    NOT_FOUND,
    CONFLICT,
    BUSY,
    IN_USE,
    REFUSED,
    FAILED,
    IN_PROGRESS,
    UNKNOWN_OUTCOME;

    VolumeException saying(String text) {
      return switch (this) {
        case INVALID -> new VolumeException.Invalid(text);
        case NOT_FOUND -> new VolumeException.NotFound(text);
        case CONFLICT -> new VolumeException.Conflict(text);
        case BUSY -> new VolumeException.Busy(text);
        case IN_USE -> new VolumeException.InUse(text);
        case REFUSED -> new VolumeException.Refused(text);
        case FAILED -> new VolumeException.Failed(text);
        case IN_PROGRESS -> new VolumeException.InProgress(text);
        case UNKNOWN_OUTCOME ->
            new VolumeException.UnknownOutcome(text, new IllegalStateException("no answer"));
      };
    }

    boolean isRefusal() {
      return this != IN_PROGRESS && this != UNKNOWN_OUTCOME;
    }
  }

  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host =
      new OneHost(InMemoryLedger.ofOneHost(), backend, clock, OneHost.named("h-1", "boot-1"));
  private final VolumeName a = host.created("a").name();

  @AfterEach
  void everyOrderedFailureHappened() {
    backend.assertAllFailed();
  }

  private void failNext(Verb verb, Kind kind) {
    backend.failNext(verb, kind::saying);
  }

  private Volume row() {
    return host.volume(a).orElseThrow();
  }

  private OneHost restarted() {
    OneHost after = host.restarted();
    after.recovery.loadView();
    return after;
  }

  private static void recover(OneHost after) {
    after.recovery.resume();
    await().until(() -> after.locks.size() == 0);
  }

  private void assertReadyUntilRemovedOnceMore() {
    assertThat(row().state()).isInstanceOf(VolumeState.Ready.class);
    OneHost after = restarted();
    recover(after);
    assertThat(backend.exists(a)).as("after a start").isTrue();
    after.mount.run(a, new MountId("x"), OneHost.ENGINE);
    after.release.drop(a, new MountId("x"));
    clock.move(OneHost.LINGER);
    after.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @Test
  void everyKindIsTried() {
    List<Class<?>> tried =
        Arrays.stream(Kind.values()).<Class<?>>map(kind -> kind.saying("x").getClass()).toList();
    assertThat(tried).containsExactlyInAnyOrder(VolumeException.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @EnumSource
  void whatTheBackendDidNotDeleteIsReadyAgain(Kind kind) {
    failNext(Verb.DEPROVISION, kind);
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("DEPROVISION of a was to fail");
    if (kind.isRefusal()) {
      assertReadyUntilRemovedOnceMore();
      return;
    }
    assertThat(row().state()).isInstanceOf(VolumeState.Deleting.class);
    assertThat(host.view.find(a).orElseThrow().lastError().orElseThrow())
        .contains("DEPROVISION of a was to fail", "'berth release --force a'");
    OneHost after = restarted();
    assertThat(after.view.find(a).orElseThrow().lastError().orElseThrow())
        .contains("volume a", "was not finished", "'berth release --force a'");
    after.recovery.resume();
    await().until(() -> host.volume(a).isEmpty());
    assertThat(backend.exists(a)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeUnmountedIsReadyAgain(Kind kind) {
    failNext(Verb.UNMOUNT, kind);
    assertThatThrownBy(() -> host.remove.run(a)).isInstanceOf(VolumeException.class);
    assertReadyUntilRemovedOnceMore();
  }

  /** Berth died between its intent and what the backend says of it. */
  private void cutOff() {
    VolumeState.Ready ready = row().made();
    host.ledger
        .volumes()
        .replace(row(), row().with(new VolumeState.Deleting(ready, Instant.EPOCH, 0)));
  }

  /** The other host had read the row before the intent was in it. */
  @Test
  void whatAnotherHostHasMountedMeanwhileIsReadyAgain() {
    cutOff();
    Claim foreign = Claim.empty(a, new HostId("h-2"), "boot", Instant.EPOCH);
    host.records.putClaim(Optional.empty(), foreign.with(new MountId("y"), 0, Instant.EPOCH));
    OneHost after = restarted();
    recover(after);
    await().until(() -> after.view.find(a).orElseThrow().lastError().isPresent());
    assertThat(after.view.find(a).orElseThrow().lastError().orElseThrow())
        .contains("held by host h-2");
    assertThat(row().state()).isInstanceOf(VolumeState.Ready.class);
    assertThat(backend.exists(a)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void whatAStartMeetsIsNoOtherThanWhatACommandDoes(Kind kind) {
    cutOff();
    failNext(Verb.DEPROVISION, kind);
    OneHost after = restarted();
    recover(after);
    await().until(() -> after.view.find(a).orElseThrow().lastError().isPresent());
    assertThat(after.view.find(a).orElseThrow().lastError().orElseThrow())
        .contains("DEPROVISION of a was to fail");
    if (kind.isRefusal()) {
      assertReadyUntilRemovedOnceMore();
    } else {
      assertThat(row().state()).isInstanceOf(VolumeState.Deleting.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAStartCannotUnmountIsReadyAgainIfItIsThere(Kind kind) {
    cutOff();
    failNext(Verb.UNMOUNT, kind);
    recover(restarted());
    assertReadyUntilRemovedOnceMore();
  }

  @ParameterizedTest
  @EnumSource
  void whatAnEarlierTryMayHaveDeletedIsNotReadyAgain(Kind kind) {
    cutOff();
    backend.deprovision(row());
    failNext(Verb.DEPROVISION, kind);
    recover(restarted());
    assertThat(row().state()).isInstanceOf(VolumeState.Deleting.class);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }
}
