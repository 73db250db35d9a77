package dev.berth.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.FakeBackend;
import dev.berth.testing.InMemoryLedger;
import dev.berth.testing.MovableClock;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many volumes that are made of one thing at the same time: one has it, the others never were. */
class AdoptionTest {
  private static final int MANY = 16;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final List<String> NAMES =
      IntStream.range(0, MANY).mapToObj(number -> "v" + number).toList();

  private final FakeBackend backend = new FakeBackend();
  private final MovableClock clock = new MovableClock();
  private final OneHost host =
      new OneHost(InMemoryLedger.ofManyHosts(), backend, clock, OneHost.named("h-1", "boot-1"));

  @Test
  void ofManyCreatesAtOnceOneSucceeds() {
    backend.adopt("vol-1", MANY);
    List<Future<Optional<Volume>>> creates =
        NAMES.stream().map(name -> Async.start(() -> create(name))).toList();
    List<Volume> made =
        creates.stream().flatMap(create -> Async.get(create, LIMIT).stream()).toList();
    assertThat(made).hasSize(1);
    assertOneIsLeft();
    assertThat(host.view.all()).extracting(VolumeStatus::volume).isEqualTo(made);
  }

  private Optional<Volume> create(String name) {
    try {
      return Optional.of(host.created(name));
    } catch (VolumeException.InUse e) {
      assertThat(e).hasMessageContaining("volume %s: vol-1 is the volume".formatted(name));
      return Optional.empty();
    }
  }

  @Test
  void ofManyCreatesThatWereCutOffOneIsFinished() {
    NAMES.forEach(this::intend);
    backend.adopt("vol-1", MANY);
    OneHost after = host.restarted();
    after.recovery.loadView();
    after.recovery.resume();
    await().until(() -> host.ledger.volumes().list().size() == 1);
    assertOneIsLeft();
  }

  private void intend(String name) {
    Volume intent =
        Volume.creating(
            new VolumeName(name),
            FakeBackend.NAME,
            VolumeOptions.NONE,
            host.host.id(),
            clock.instant());
    host.ledger.volumes().insert(intent);
  }

  /** Those that lost did not take the thing with them. */
  private void assertOneIsLeft() {
    assertThat(host.ledger.volumes().list())
        .singleElement()
        .extracting(Volume::state)
        .isInstanceOf(VolumeState.Ready.class);
    assertThat(NAMES).allMatch(name -> backend.exists(new VolumeName(name)));
  }
}
