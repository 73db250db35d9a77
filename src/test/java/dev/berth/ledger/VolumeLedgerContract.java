package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Claim;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link VolumeLedger} has to do. */
public abstract class VolumeLedgerContract {
  protected static final Instant NOW = Instant.parse("2026-11-24T01:02:03.456Z");
  protected static final HostId HOST = new HostId("i-0123");

  protected static final VolumeState.Ready DEVICE =
      new VolumeState.Ready(
          new BackendRef("vol-1"), new Content.Foreign(ByteSize.ofGiB(1)), Optional.empty());

  /** The ledger under test, empty at the start of each test. */
  protected abstract VolumeLedger ledger();

  protected static Volume volume(String name) {
    VolumeOptions options = VolumeOptions.NONE.with(CommonOptions.SIZE, ByteSize.ofGiB(1));
    return Volume.creating(new VolumeName(name), new BackendName("loop"), options, HOST, NOW);
  }

  @Test
  void whatWasInsertedIsFound() {
    Volume stored = ledger().volumes().insert(volume("a"));
    assertThat(ledger().volumes().find(stored.name())).contains(stored);
    assertThat(ledger().volumes().find(new VolumeName("b"))).isEmpty();
  }

  @Test
  void aSecondInsertOfAKeyChangesNothing() {
    Volume stored = ledger().volumes().insert(volume("a"));
    assertThatThrownBy(() -> ledger().volumes().insert(volume("a")))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThat(ledger().volumes().list()).containsExactly(stored);
  }

  @Test
  void everyStateSurvivesTheWayThere() {
    Volume current = ledger().volumes().insert(volume("a"));
    BackendRef ref = new BackendRef("a.img");
    for (Content content : contents()) {
      VolumeState.Ready ready = new VolumeState.Ready(ref, content, Optional.of(HOST));
      for (VolumeState state : List.of(ready, new VolumeState.Deleting(ready, NOW, 1))) {
        current = ledger().volumes().replace(current, current.with(state));
        assertThat(ledger().volumes().find(current.name())).contains(current);
        assertThat(current.state()).isEqualTo(state);
      }
    }
  }

  private static List<Content> contents() {
    return List.of(
        new Content.Unmanaged(),
        new Content.Blank(ByteSize.ofGiB(3)),
        new Content.Formatting(FilesystemType.XFS, UUID.randomUUID()),
        new Content.Formatted(FilesystemType.EXT4, ByteSize.ofGiB(3)),
        new Content.Copied(FilesystemType.BTRFS, ByteSize.ofGiB(3)));
  }

  @Test
  void onlyTheFirstOfTwoReplacementsHolds() {
    Volume first = ledger().volumes().insert(volume("a"));
    Volume second =
        ledger()
            .volumes()
            .replace(first, first.with(new VolumeState.Creating(new HostId("x"), NOW, 0)));
    assertThatThrownBy(() -> ledger().volumes().replace(first, first))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThatThrownBy(() -> ledger().volumes().delete(first))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThat(ledger().volumes().find(first.name())).contains(second);
  }

  @Test
  void aDeletedRowIsGoneAndMayBeDeletedAgain() {
    Volume stored = ledger().volumes().insert(volume("a"));
    ledger().volumes().delete(stored);
    ledger().volumes().delete(stored);
    assertThat(ledger().volumes().list()).isEmpty();
    assertThatThrownBy(() -> ledger().volumes().replace(stored, stored))
        .isInstanceOf(VolumeException.Conflict.class);
  }

  @Test
  void aNamesakeMadeLaterIsNotTakenForTheFormer() {
    Volume former = ledger().volumes().insert(volume("a"));
    ledger().volumes().delete(former);
    Volume later = ledger().volumes().insert(volume("a"));
    assertThatThrownBy(() -> ledger().volumes().delete(former))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThat(ledger().volumes().list()).containsExactly(later);
  }

  @Test
  void ofManyWhoWouldBeOneDeviceOneIs() throws Exception {
    List<Volume> intents =
        IntStream.range(0, 8)
            .mapToObj(writer -> ledger().volumes().insert(volume("v" + writer)))
            .toList();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all =
          intents.stream().map(intent -> writers.submit(() -> becomes(intent, DEVICE))).toList();
      int successes = 0;
      for (Future<Boolean> one : all) {
        successes += one.get() ? 1 : 0;
      }
      assertThat(successes).isEqualTo(1);
    }
    assertThat(ledger().volumes().list())
        .extracting(row -> row.state().word())
        .containsOnlyOnce("ready")
        .hasSize(8);
  }

  private boolean becomes(Volume intent, VolumeState.Ready state) {
    try {
      ledger().volumes().replace(intent, intent.with(state));
      return true;
    } catch (VolumeException.InUse e) {
      assertThat(e).hasMessageContainingAll(intent.name().value(), "vol-1", "already");
      return false;
    }
  }

  @Test
  void aDeviceIsAVolumesUntilThatIsRemoved() {
    Volume holder = ledger().volumes().insert(volume("a"));
    holder = ledger().volumes().replace(holder, holder.with(DEVICE));
    holder = ledger().volumes().replace(holder, holder.with(DEVICE.withOwner(Optional.of(HOST))));
    Volume other = ledger().volumes().insert(volume("b"));
    assertThat(becomes(other, DEVICE)).isFalse();
    holder =
        ledger().volumes().replace(holder, holder.with(new VolumeState.Deleting(DEVICE, NOW, 0)));
    assertThat(becomes(other, DEVICE)).isFalse();
    Volume ready = volume("c").with(DEVICE);
    assertThatThrownBy(() -> ledger().volumes().insert(ready))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("is the volume a already");
    ledger().volumes().delete(holder);
    assertThat(becomes(other, DEVICE)).isTrue();
  }

  @Test
  void whatIsNoDeviceIsShared() {
    VolumeState.Ready bucket =
        new VolumeState.Ready(DEVICE.ref(), new Content.Unmanaged(), Optional.empty());
    assertThat(becomes(ledger().volumes().insert(volume("a")), bucket)).isTrue();
    assertThat(becomes(ledger().volumes().insert(volume("b")), bucket)).isTrue();
    assertThat(becomes(ledger().volumes().insert(volume("c")), DEVICE)).isTrue();
  }

  @Test
  void listsAreOrderedByName() {
    for (String name : List.of("c", "a", "b")) {
      ledger().volumes().insert(volume(name));
    }
    assertThat(ledger().volumes().list().stream().map(row -> row.name().value()))
        .containsExactly("a", "b", "c");
  }

  @Test
  void claimsAreKeptPerVolumeAndHost() {
    VolumeName name = new VolumeName("a");
    Claim ours =
        ledger()
            .claims()
            .insert(Claim.empty(name, HOST, "boot", NOW).with(new MountId("id1"), 7, NOW));
    Claim theirs = ledger().claims().insert(Claim.empty(name, new HostId("other"), "boot", NOW));
    ledger().claims().insert(Claim.empty(new VolumeName("b"), HOST, "boot", NOW));
    assertThat(ledger().claims().of(name)).containsExactlyInAnyOrder(ours, theirs);
    assertThat(ledger().claims().find(new ClaimKey(name, HOST))).contains(ours);
    Claim next = ledger().claims().replace(ours, ours.without(Set.of(new MountId("id1")), NOW));
    assertThat(next.mountIds()).isEmpty();
    assertThat(next.revision()).isEqualTo(ours.revision() + 1);
  }

  @Test
  void claimsAreInsertedReplacedAndDeletedByTheSameRules() {
    Claim first = ledger().claims().insert(Claim.empty(new VolumeName("a"), HOST, "boot", NOW));
    assertThatThrownBy(() -> ledger().claims().insert(first))
        .isInstanceOf(VolumeException.Conflict.class);
    Claim second = ledger().claims().replace(first, first.with(new MountId("id1"), 1, NOW));
    assertThatThrownBy(() -> ledger().claims().replace(first, first))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThatThrownBy(() -> ledger().claims().delete(first))
        .isInstanceOf(VolumeException.Conflict.class);
    assertThat(ledger().claims().list()).containsExactly(second);
    ledger().claims().delete(second);
    ledger().claims().delete(second);
    assertThat(ledger().claims().of(new VolumeName("a"))).isEmpty();
    assertThatThrownBy(() -> ledger().claims().replace(second, second))
        .isInstanceOf(VolumeException.Conflict.class);
  }

  @Test
  void noChangeOfManyWritersIsLost() throws Exception {
    VolumeName name = new VolumeName("a");
    ledger().claims().insert(Claim.empty(name, HOST, "boot", NOW));
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < 8; writer++) {
        MountId id = new MountId("id" + writer);
        all.add(writers.submit(() -> addUntilItHolds(new ClaimKey(name, HOST), id)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(ledger().claims().of(name).getFirst().mountIds()).hasSize(8);
  }

  private void addUntilItHolds(ClaimKey key, MountId id) {
    while (true) {
      Claim seen = ledger().claims().find(key).orElseThrow();
      try {
        ledger().claims().replace(seen, seen.with(id, 1, NOW));
        return;
      } catch (VolumeException.Conflict e) {
        assertThat(ledger().claims().find(key).orElseThrow().revision())
            .as("a conflict means that somebody else got ahead")
            .isGreaterThan(seen.revision());
      }
    }
  }

  @Test
  void itSaysWhetherItCanBeWritten() {
    ledger().checkWritable();
    assertThat(ledger().volumes().list()).isEmpty();
  }
}
