package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.FakeBackend;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.testing.Rule;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Rule(13)
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
    host.mount.run(a, new MountId("x"), OneHost.ENGINE);
    host.release.drop(a, new MountId("x"));
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
    assertThat(backend.exists(a)).isTrue();
  }

  @Test
  void whatNobodyNeedsIsDiscardedByForceAndByThatWordOnly() {
    VolumeName a = created("retain");
    host.mount.run(a, new MountId("x"), OneHost.ENGINE);
    backend.writeNothingBack(a);
    assertThatThrownBy(() -> host.service.release(a, false, true))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("--force");
    assertThat(host.service.release(a, true, false)).isZero();
    assertThatThrownBy(() -> host.remove.run(a)).isInstanceOf(VolumeException.InUse.class);
    assertThat(host.service.release(a, true, true)).isEqualTo(1);
    assertThat(host.service.release(a, true, true)).isZero();
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
  }

  @Test
  void whatIsDeletedNeedsNotBeWrittenBack() {
    VolumeName a = created("delete");
    backend.writeNothingBack(a);
    host.remove.run(a);
    assertThat(host.volume(a)).isEmpty();
    assertThat(backend.exists(a)).isFalse();
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
