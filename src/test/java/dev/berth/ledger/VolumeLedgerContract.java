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
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link VolumeLedger} has to do. */
public abstract class VolumeLedgerContract {
  protected static final Instant NOW = Instant.parse("2026-11-24T01:02:03.456Z");
  protected static final HostId HOST = new HostId("i-0123");

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
      for (VolumeState state : List.of(ready, new VolumeState.Deleting(ready, NOW))) {
        current = ledger().volumes().replace(current, current.with(state));
        assertThat(ledger().volumes().find(current.name())).contains(current);
        assertThat(current.state()).isEqualTo(state);
      }
    }
  }

  private static List<Content> contents() {
    return List.of(
        new Content.Unmanaged(),
        new Content.Blank(),
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
    Claim next = ledger().claims().replace(ours, ours.without(new MountId("id1"), NOW));
    assertThat(next.mountIds()).isEmpty();
    assertThat(next.revision()).isEqualTo(ours.revision() + 1);
  }

  @Test
  void itSaysWhetherItCanBeWritten() {
    ledger().checkWritable();
    assertThat(ledger().volumes().list()).isEmpty();
  }
}
