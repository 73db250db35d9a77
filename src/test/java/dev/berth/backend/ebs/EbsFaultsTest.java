package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ec2sim.Fault;
import dev.berth.ec2sim.History;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each error at each call where it can occur, once: either the operation succeeds all the same, or
 * it fails as it should and succeeds when it is repeated. In the end there was one volume, attached
 * to one instance at a time, and nothing is left.
 */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsFaultsTest {
  @TempDir Path directory;
  @AutoClose private StoreBed bed;
  private EbsStore store;
  private EbsSnapshots snapshots;
  private Volume volume;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    EbsContext cloud = bed.cloud(bed.simulator().runInstance());
    store = new EbsStore(cloud);
    snapshots = new EbsSnapshots(cloud);
    volume = StoreBed.intent(store, "vol", VolumeOptions.NONE);
  }

  private Fault inject(String call, String code) {
    return switch (code) {
      case "drop_before" -> bed.simulator().dropBefore(call);
      case "drop_after" -> bed.simulator().dropAfter(call);
      default ->
          code.startsWith("+")
              ? bed.simulator().failAfter(call, code.substring(1))
              : bed.simulator().fail(call, code);
    };
  }

  /** Runs {@code operation} into the fault, and again if it is to fail. */
  private void meet(String call, String code, String outcome, Runnable operation) {
    Fault fault = inject(call, code);
    if (outcome.equals("recovers")) {
      operation.run();
    } else {
      assertThatThrownBy(operation::run)
          .isInstanceOf(VolumeException.class)
          .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(outcome))
          .hasMessageContaining(code.startsWith("drop") ? call : code.replace("+", ""))
          .hasMessageContaining("vol");
      operation.run();
    }
    fault.assertFired();
  }

  private void create() {
    volume =
        StoreBed.ready(
            volume.with(((VolumeState.Creating) volume.state()).again()),
            store.provision(volume, StoreBed.NOTHING));
  }

  private void endLife() {
    store.detach(volume);
    store.delete(volume);
    bed.assertNothingLeft();
    String id = volume.made().ref().value();
    assertThat(bed.simulator().history().everAttachedTwice(id)).isFalse();
  }

  private void assertOneVolume() {
    assertThat(bed.simulator().history().count(History.Kind.CREATED)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "CreateVolume, InvalidParameter, Invalid",
    "CreateVolume, InvalidParameterCombination, Invalid",
    "CreateVolume, InvalidParameterDependency, Invalid",
    "CreateVolume, InvalidParameterValue, Invalid",
    "CreateVolume, UnknownParameter, Invalid",
    "CreateVolume, UnknownVolumeType, Invalid",
    "CreateVolume, UnsupportedOperation, Invalid",
    "CreateVolume, ValidationError, Invalid",
    "CreateVolume, InvalidZone.NotFound, Invalid",
    "CreateVolume, VolumeLimitExceeded, Failed",
    "CreateVolume, MaxIOPSLimitExceeded, Failed",
    "CreateVolume, InsufficientVolumeCapacity, Failed",
    "CreateVolume, UnauthorizedOperation, Failed",
    "CreateVolume, AuthFailure, Failed",
    "CreateVolume, IdempotentParameterMismatch, recovers",
    "CreateVolume, +IdempotentParameterMismatch, recovers",
    "CreateVolume, +VolumeLimitExceeded, recovers",
    "CreateVolume, RequestLimitExceeded, recovers",
    "CreateVolume, Throttling, recovers",
    "CreateVolume, ThrottlingException, recovers",
    "CreateVolume, InternalError, recovers",
    "CreateVolume, +InternalError, recovers",
    "CreateVolume, ServiceUnavailable, recovers",
    "CreateVolume, drop_before, recovers",
    "CreateVolume, drop_after, recovers",
    "DescribeVolumes, RequestLimitExceeded, recovers",
    "DescribeVolumes, InternalError, recovers",
    "DescribeVolumes, drop_before, recovers",
    "DescribeVolumes, drop_after, recovers",
    "DescribeVolumes, UnauthorizedOperation, Failed"
  })
  void creating(String call, String code, String outcome) {
    meet(call, code, outcome, this::create);
    store.attach(volume);
    endLife();
    if (!outcome.equals("Failed") || call.equals("CreateVolume")) {
      assertOneVolume();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AttachVolume, InvalidVolume.NotFound, recovers",
    "AttachVolume, VolumeInUse, recovers",
    "AttachVolume, IncorrectState, recovers",
    "AttachVolume, +VolumeInUse, recovers",
    "AttachVolume, +IncorrectState, recovers",
    "AttachVolume, InvalidParameterValue, Invalid",
    "AttachVolume, UnsupportedOperation, Invalid",
    "AttachVolume, UnauthorizedOperation, Failed",
    "AttachVolume, RequestLimitExceeded, recovers",
    "AttachVolume, InternalError, recovers",
    "AttachVolume, +InternalError, recovers",
    "AttachVolume, drop_before, recovers",
    "AttachVolume, drop_after, recovers"
  })
  void attaching(String call, String code, String outcome) {
    create();
    if (code.equals("InvalidVolume.NotFound")) {
      Fault fault = inject(call, code);
      assertThatThrownBy(() -> store.attach(volume))
          .isInstanceOf(VolumeException.Failed.class)
          .hasMessageContaining("EC2 has no volume");
      fault.assertFired();
      store.attach(volume);
    } else {
      meet(call, code, outcome, () -> store.attach(volume));
    }
    endLife();
    assertOneVolume();
  }

  @ParameterizedTest
  @CsvSource({
    "InvalidInstanceID.NotFound, Failed, berth.host-id",
    "AttachmentLimitExceeded, Failed, 'its type m7i.large allows 32'",
    "InvalidVolume.ZoneMismatch, Invalid, eu-west-1a"
  })
  void attachmentsThatCannotBe(String code, String outcome, String message) {
    create();
    Fault fault = inject("AttachVolume", code);
    assertThatThrownBy(() -> store.attach(volume))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("vol")
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(outcome));
    fault.assertFired();
    endLife();
  }

  @ParameterizedTest
  @CsvSource({
    "DetachVolume, IncorrectState, recovers",
    "DetachVolume, +IncorrectState, recovers",
    "DetachVolume, InvalidAttachment.NotFound, recovers",
    "DetachVolume, +InvalidAttachment.NotFound, recovers",
    "DetachVolume, InvalidVolume.NotFound, recovers",
    "DetachVolume, RequestLimitExceeded, recovers",
    "DetachVolume, InternalError, recovers",
    "DetachVolume, +InternalError, recovers",
    "DetachVolume, drop_before, recovers",
    "DetachVolume, drop_after, recovers",
    "DetachVolume, UnauthorizedOperation, Failed"
  })
  void detaching(String call, String code, String outcome) {
    create();
    store.attach(volume);
    meet(call, code, outcome, () -> store.detach(volume));
    assertThat(store.attached(volume)).isEmpty();
    endLife();
  }

  @ParameterizedTest
  @CsvSource({
    "DeleteVolume, VolumeInUse, recovers",
    "DeleteVolume, IncorrectState, recovers",
    "DeleteVolume, RequestLimitExceeded, recovers",
    "DeleteVolume, InternalError, recovers",
    "DeleteVolume, +InternalError, recovers",
    "DeleteVolume, drop_before, recovers",
    "DeleteVolume, drop_after, recovers",
    "DeleteVolume, +InvalidVolume.NotFound, recovers",
    "DeleteVolume, UnauthorizedOperation, Failed"
  })
  void deleting(String call, String code, String outcome) {
    create();
    meet(call, code, outcome, () -> store.delete(volume));
    endLife();
  }

  @ParameterizedTest
  @CsvSource({
    "ModifyVolume, IncorrectModificationState, Failed",
    "ModifyVolume, VolumeModificationRateExceeded, Failed",
    "ModifyVolume, VolumeModificationSizeLimitExceeded, Failed",
    "ModifyVolume, UnsupportedOperation, Invalid",
    "ModifyVolume, InvalidParameterValue, Invalid",
    "ModifyVolume, UnauthorizedOperation, Failed",
    "ModifyVolume, RequestLimitExceeded, recovers",
    "ModifyVolume, InternalError, recovers",
    "ModifyVolume, +InternalError, recovers",
    "ModifyVolume, drop_before, recovers",
    "ModifyVolume, drop_after, recovers",
    "DescribeVolumesModifications, InternalError, recovers",
    "DescribeVolumesModifications, UnauthorizedOperation, Failed"
  })
  void growing(String call, String code, String outcome) {
    create();
    store.attach(volume);
    volume = volume.with(volume.options().with(CommonOptions.SIZE, ByteSize.ofGiB(2)));
    meet(call, code, outcome, () -> store.grow(volume));
    assertThat(store.attached(volume).orElseThrow().size()).isEqualTo(2L << 30);
    assertThat(bed.simulator().history().count(History.Kind.GROWN)).isEqualTo(1);
    endLife();
  }

  @ParameterizedTest
  @CsvSource({
    "CreateSnapshot, SnapshotLimitExceeded, Failed",
    "CreateSnapshot, SnapshotCreationPerVolumeRateExceeded, Failed",
    "CreateSnapshot, ConcurrentSnapshotLimitExceeded, Failed",
    "CreateSnapshot, PendingSnapshotLimitExceeded, Failed",
    "CreateSnapshot, UnauthorizedOperation, Failed",
    "CreateSnapshot, InternalError, UnknownOutcome",
    "CreateSnapshot, drop_before, UnknownOutcome",
    "CreateSnapshot, RequestLimitExceeded, recovers",
    "CreateSnapshot, +InternalError, recovers",
    "CreateSnapshot, drop_after, recovers",
    "DeleteSnapshot, +InvalidSnapshot.NotFound, recovers",
    "DeleteSnapshot, InvalidSnapshot.InUse, InUse",
    "DeleteSnapshot, InternalError, recovers",
    "DeleteSnapshot, drop_after, recovers"
  })
  void takingAndDeletingASnapshot(String call, String code, String outcome) {
    create();
    Fault fault = inject(call, code);
    if (call.equals("CreateSnapshot")) {
      if (!outcome.equals("recovers")) {
        assertThatThrownBy(() -> snapshots.take(volume, Optional.of(FilesystemType.EXT4)))
            .isInstanceOf(VolumeException.class)
            .hasMessageContaining("vol")
            .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(outcome));
      }
    }
    Snapshot snapshot = snapshots.take(volume, Optional.of(FilesystemType.EXT4));
    assertThat(snapshots.list()).containsExactly(snapshot);
    if (call.equals("DeleteSnapshot") && !outcome.equals("recovers")) {
      assertThatThrownBy(() -> snapshots.remove(snapshot.id()))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining(snapshot.id());
    }
    snapshots.remove(snapshot.id());
    fault.assertFired();
    assertThat(snapshots.list()).isEmpty();
    endLife();
  }
}
