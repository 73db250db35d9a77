package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.FakeBackend;
import dev.berth.testing.FakeBackend.Verb;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is undone after a failure is undone after an {@link Error} of the JVM too. */
class ErrorsTest {
  private static final VolumeName A = new VolumeName("a");
  private static final MountId X = new MountId("x");

  private final FakeBackend backend = new FakeBackend();
  private final OneHost host =
      new OneHost(
          InMemoryLedger.ofOneHost(), backend, new MovableClock(), OneHost.named("h-1", "boot-1"));

  @Test
  void aCreateIsRolledBack() {
    backend.breakNext(Verb.PROVISION);
    assertThatThrownBy(() -> host.created("a")).isInstanceOf(StackOverflowError.class);
    assertThat(host.volume(A)).isEmpty();
    assertThat(host.created("a").name()).isEqualTo(A);
  }

  @Test
  void aMountIsGivenUp() {
    host.created("a");
    backend.breakNext(Verb.MOUNT);
    assertThatThrownBy(() -> host.mount.run(A, X, OneHost.ENGINE))
        .isInstanceOf(StackOverflowError.class);
    assertThat(host.isFree(A)).isTrue();
    assertThat(host.view.find(A).orElseThrow().trouble()).isPresent();
  }

  @Test
  void aReleaseIsTriedAgain() {
    host.mounted("a", "x");
    host.release.drop(A, X);
    host.clock.move(OneHost.LINGER);
    backend.breakNext(Verb.UNMOUNT);
    host.queue.tryNow(A);
    await().until(() -> host.isFree(A));
  }

  @Test
  void moreVolumesThanTheLimitAreRefused() {
    for (int number = 0; number < OneHost.MOST_VOLUMES; number++) {
      host.created("v" + number);
    }
    assertThatThrownBy(() -> host.created("a"))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("berth.limits.volumes");
    host.remove.run(new VolumeName("v0"));
    assertThat(host.create.run(host.create.parse(A, Map.of())).name()).isEqualTo(A);
  }
}
