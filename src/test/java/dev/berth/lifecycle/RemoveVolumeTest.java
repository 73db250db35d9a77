package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.FakeBackend;
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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoveVolumeTest {
  private final FakeBackend backend = new FakeBackend();
  private final OneHost host =
      new OneHost(
          InMemoryLedger.ofOneHost(), backend, new MovableClock(), OneHost.named("h-1", "boot-1"));

  private VolumeName created(String onRemove) {
    VolumeName name = new VolumeName("a");
    host.create.run(host.create.parse(name, Map.of("onRemove", onRemove)));
    return name;
  }

  @Test
  void whatIsKeptIsNotRemovedBeforeAllOfItIsWhereItIsKept() {
    VolumeName a = created("retain");
    backend.writeNothingBack(a);
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("written back");
    assertThat(host.volume(a)).isPresent();
    host.mount.run(a, new MountId("x"));
    host.release.drop(a, new MountId("x"));
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
    assertThat(backend.exists(a)).isTrue();
  }

  @Test
  void whatIsDeletedNeedsNotBeWrittenBack() {
    VolumeName a = created("delete");
    backend.writeNothingBack(a);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
    assertThat(backend.exists(a)).isFalse();
  }

  /** The first look at them was followed by a crash, or the first write by no answer. */
  @Test
  void aRemovalThatIsTakenUpLooksAtOtherHostsClaimsAgain() {
    VolumeName a = created("delete");
    Volume ready = host.volume(a).orElseThrow();
    host.records.replace(ready, new VolumeState.Deleting(ready.made(), Instant.EPOCH, 0));
    Claim foreign = Claim.empty(a, new HostId("h-2"), "boot-2", Instant.EPOCH);
    Claim there = host.ledger.claims().insert(foreign);
    assertThatThrownBy(() -> host.remove.run(a))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("h-2");
    assertThat(backend.exists(a)).isTrue();
    assertThat(host.volume(a).orElseThrow().state()).isInstanceOf(VolumeState.Ready.class);
    host.ledger.claims().delete(there);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "retain"})
  void removingTwiceIsRemovingOnce(String onRemove) {
    VolumeName a = created(onRemove);
    host.remove.run(a);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
    assertThat(host.isFree(created(onRemove))).isTrue();
  }
}
