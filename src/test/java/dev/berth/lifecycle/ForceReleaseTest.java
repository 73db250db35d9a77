package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.BackendTraits.Sharing;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.BackendRef;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A host that gets another id, or is replaced by one that has: what it held it holds no more. */
@Rule(8)
class ForceReleaseTest {
  private static final MountId X = new MountId("x");
  private static final MountId Y = new MountId("y");

  private final InMemoryLedger ledger = InMemoryLedger.ofManyHosts();
  private final MovableClock clock = new MovableClock();

  private OneHost host(FakeBackend backend, String id) {
    OneHost host = new OneHost(ledger, backend, clock, OneHost.named(id, "boot-1"));
    host.recovery.loadView();
    return host;
  }

  @ParameterizedTest
  @EnumSource
  void aVolumeOfAHostThatIsGoneCanBeRemovedOnceItIsReleased(Sharing sharing) {
    FakeBackend backend = new FakeBackend(sharing);
    VolumeName a = host(backend, "old").mounted("a", "x");
    backend.boot();
    OneHost host = host(backend, "new");
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("held by host old")
        .hasMessageContaining("berth release --force a");
    host.service.release(a, true, false);
    assertThat(ledger.claims().of(a)).isEmpty();
    assertThat(host.isFree(a)).isTrue();
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatTheOldIdHasMountedIsUnmountedFirst(Sharing sharing) {
    FakeBackend backend = new FakeBackend(sharing);
    VolumeName a = host(backend, "old").mounted("a", "x");
    OneHost host = host(backend, "new");
    backend.failNext(FakeBackend.Verb.UNMOUNT);
    assertThatThrownBy(() -> host.service.release(a, true, false))
        .isInstanceOf(VolumeException.InUse.class);
    assertThat(ledger.claims().of(a)).hasSize(1);
    host.service.release(a, true, false);
    assertThat(backend.isMounted(a)).isFalse();
    assertThat(ledger.claims().of(a)).isEmpty();
    assertThat(host.isFree(a)).isTrue();
  }

  @Test
  void withoutForceAVolumeStaysWithItsOwner() {
    OneHost other = host(new FakeBackend(), "other");
    VolumeName a = other.mounted("a", "x");
    OneHost host = host(new FakeBackend(), "this");
    assertThatThrownBy(() -> host.service.release(a, false, false))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("held by host other");
    assertThat(other.claim(a)).isPresent();
    assertThat(other.owner(a)).contains(other.host.id());
  }

  @Test
  void withoutForceASharedVolumeIsReleasedFromThisHostOnly() {
    FakeBackend there = new FakeBackend(Sharing.SHARED);
    FakeBackend here = new FakeBackend(Sharing.SHARED);
    OneHost other = host(there, "other");
    VolumeName a = other.mounted("a", "x");
    OneHost host = host(here, "this");
    here.provision(host.volume(a).orElseThrow(), host.maintenance);
    host.mount.run(a, Y, OneHost.ENGINE);
    host.release.drop(a, Y);
    host.service.release(a, false, false);
    assertThat(host.claim(a)).isEmpty();
    assertThat(here.isMounted(a)).isFalse();
    assertThat(other.claim(a).orElseThrow().mountIds()).containsOnlyKeys(X);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMountedIsJoinedUnderTheNewId(Sharing sharing) {
    FakeBackend backend = new FakeBackend(sharing);
    VolumeName a = host(backend, "old").mounted("a", "x");
    OneHost host = host(backend, "new");
    host.mount.run(a, Y, OneHost.ENGINE);
    assertThat(host.claim(a).orElseThrow().mountIds()).containsOnlyKeys(Y);
    clock.move(OneHost.LINGER);
    host.queue.tryNow(a);
    assertThat(backend.isMounted(a)).isTrue();
    host.release.drop(a, Y);
    clock.move(OneHost.LINGER);
    host.queue.tryNow(a);
    assertThat(backend.isMounted(a)).isFalse();
    assertThat(host.claim(a)).isEmpty();
  }

  @Test
  void aRemovalWhoseOutcomeIsNotKnownIsTakenBackByForceWhileTheVolumeIsThere() {
    FakeBackend backend = new FakeBackend();
    OneHost host = host(backend, "this");
    VolumeName a = host.created("a").name();
    backend.loseNext(FakeBackend.Verb.DEPROVISION);
    assertThatThrownBy(() -> host.service.remove(a))
        .isInstanceOf(VolumeException.UnknownOutcome.class)
        .hasMessageContaining("'berth release --force a'");
    assertThatThrownBy(() -> host.mount.run(a, X, OneHost.ENGINE))
        .isInstanceOf(VolumeException.Conflict.class)
        .hasMessageContaining("'berth release --force a'");
    assertThatThrownBy(() -> host.service.release(a, false, false))
        .isInstanceOf(VolumeException.Conflict.class)
        .hasMessageContaining("'berth release --force a'");
    host.service.release(a, true, false);
    assertThat(host.view.find(a).orElseThrow().lastError()).isEmpty();
    host.mount.run(a, X, OneHost.ENGINE);
    assertThat(backend.isMounted(a)).isTrue();
  }

  @Test
  void theRemovalOfWhatIsDeletedIsNotTakenBack() {
    FakeBackend backend = new FakeBackend();
    OneHost host = host(backend, "this");
    Volume a = host.created("a");
    backend.loseNext(FakeBackend.Verb.DEPROVISION);
    assertThatThrownBy(() -> host.service.remove(a.name()))
        .isInstanceOf(VolumeException.UnknownOutcome.class);
    backend.deprovision(a);
    assertThatThrownBy(() -> host.service.release(a.name(), true, false))
        .isInstanceOf(VolumeException.Conflict.class)
        .hasMessageContaining("deleted");
    host.service.remove(a.name());
    assertThat(host.volume(a.name())).isEmpty();
  }

  private Volume unreadable(VolumeName name, VolumeState state) {
    Volume volume =
        Volume.creating(
                name,
                FakeBackend.NAME,
                new VolumeOptions(new TreeMap<>(Map.of("onRemove", "us-east-1,use_cache=/x"))),
                new HostId("this"),
                Instant.EPOCH)
            .with(state);
    return ledger.volumes().insert(volume);
  }

  /** Nobody could mount it, and nobody remove it. */
  @Test
  void aRowThatCannotBeReadIsTakenOutOfTheLedgerByForceOnly() {
    VolumeName a = new VolumeName("a");
    unreadable(
        a,
        new VolumeState.Ready(
            new BackendRef("thing-a"), new Content.Unmanaged(), Optional.empty()));
    OneHost host = host(new FakeBackend(), "this");
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContainingAll("volume a", "onRemove", "'berth release --force a'");
    assertThat(ledger.volumes().find(a)).isPresent();
    host.service.release(a, true, false);
    assertThat(ledger.volumes().find(a)).isEmpty();
    assertThat(host.service.status(a)).isEmpty();
  }

  @Test
  void aRowThatCannotBeReadAndWasNeverMadeIsTakenOutToo() {
    VolumeName a = new VolumeName("a");
    unreadable(a, new VolumeState.Creating(new HostId("this"), Instant.EPOCH, 0));
    OneHost host = host(new FakeBackend(), "this");
    host.service.release(a, true, false);
    assertThat(ledger.volumes().find(a)).isEmpty();
  }
}
