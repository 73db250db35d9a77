package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.ebs.ec2.Ec2Calls;
import dev.berth.backend.ebs.ec2.Ec2Connection;
import dev.berth.backend.ebs.ec2.InstanceMetadata;
import dev.berth.ec2sim.Delay;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.History;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What EC2 does not do within the time that an operation has: what is said then, and left. */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsWaitsTest {
  private static final Duration NEVER = Duration.ofMinutes(2);

  @TempDir Path directory;
  @AutoClose private StoreBed bed;
  private Ec2Simulator simulator;
  private EbsStore usual;
  private EbsStore store;
  private EbsSnapshots snapshots;
  private Volume volume;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    simulator = bed.simulator();
    String instance = simulator.runInstance();
    EbsContext cloud = bed.cloud(instance, EbsHost.quickWithin(Duration.ofSeconds(4)));
    usual = bed.store(instance);
    store = new EbsStore(cloud);
    snapshots = new EbsSnapshots(cloud);
    volume = StoreBed.made(usual, "vol");
  }

  /** A slow host may take longer to load what speaks to EC2 than a call may take. */
  @Test
  void theTimeOfACallBeginsOnlyWhenEc2CanBeAsked() {
    TestConfig config = EbsHost.config(simulator, simulator.runInstance(), directory);
    EbsSettings settings = EbsSettings.of(config);
    AtomicLong opened = new AtomicLong();
    Ec2Calls calls =
        new Ec2Calls(
            new Lazy<>(
                () -> {
                  Ec2Connection connection =
                      new Ec2Connection(settings.endpoint(), Ec2Simulator.REGION);
                  opened.set(System.nanoTime());
                  return connection;
                }));
    ThisInstance here = new ThisInstance(settings, () -> new InstanceMetadata(Optional.empty()));
    EbsContext cloud =
        EbsContext.of(
            settings,
            here,
            calls,
            EbsHost.cloud(config).devices(),
            EbsHost.QUICK,
            Clock.systemUTC());
    Duration limit = EbsHost.QUICK.shortLimit();
    assertThat(cloud.shortDeadline().nanos() - opened.get())
        .isGreaterThanOrEqualTo(limit.toNanos());
    assertThat(opened).hasPositiveValue();
    cloud.warmUp();
    assertThat(simulator.calls().of("DescribeInstances")).isEqualTo(1);
  }

  @Test
  void aVolumeThatIsStillBeingCreatedIsKeptAndJoined() {
    simulator.set(Delay.CREATE, Duration.ofSeconds(8));
    Volume slow = StoreBed.intent(usual, "slow", VolumeOptions.NONE);
    assertThatThrownBy(() -> store.provision(slow, StoreBed.NOTHING))
        .isInstanceOf(VolumeException.UnknownOutcome.class)
        .hasMessageContaining("slow")
        .hasMessageContaining("is still being created by EC2, its state is: creating");
    assertThat(simulator.calls().of("DeleteVolume")).isZero();
    Volume again = slow.with(((VolumeState.Creating) slow.state()).again());
    String id = usual.provision(again, StoreBed.NOTHING).value();
    assertThat(simulator.volume(id)).isPresent();
    assertThat(simulator.history().count(History.Kind.CREATED)).isEqualTo(2);
  }

  @Test
  void aVolumeWhoseLastSnapshotIsPendingIsKept() {
    simulator.set(Delay.SNAPSHOT, NEVER);
    Content content = new Content.Formatted(FilesystemType.EXT4, ByteSize.ofGiB(1));
    Volume removed =
        volume
            .with(volume.options().with(CommonOptions.ON_REMOVE, OnRemove.SNAPSHOT))
            .with(new VolumeState.Deleting(volume.made().withContent(content), Instant.EPOCH, 0));
    String snapshot = snapshots.takeLast(removed, Optional.of(FilesystemType.EXT4)).id();
    assertThatThrownBy(() -> store.delete(removed))
        .isInstanceOf(VolumeException.InProgress.class)
        .hasMessageContaining(
            "volume vol is deleted when its snapshot %s is complete, which is at 42%%"
                .formatted(snapshot));
    assertThat(simulator.calls().of("DeleteVolume")).isZero();
  }

  @Test
  void aVolumeThatDoesNotLeaveIsExplained() {
    store.attach(volume);
    simulator.set(Delay.DETACH, NEVER);
    assertThatThrownBy(() -> store.detach(volume))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("volume vol")
        .hasMessageContaining("EC2 says it is detaching as /dev/xvdaa")
        .hasMessageContaining("something on the instance has the device open");
    simulator.set(Delay.DETACH, Duration.ZERO);
    simulator.detach(volume.made().ref().value(), true);
  }

  @Test
  void aVolumeThatDoesNotComeIsExplained() {
    simulator.set(Delay.DEVICE, NEVER);
    simulator.set(Delay.ATTACH, NEVER);
    assertThatThrownBy(() -> store.attach(volume))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("volume vol")
        .hasMessageContaining("did not come to instance")
        .hasMessageContaining("Nothing is lost");
  }

  @Test
  void aGrowthThatGoesOnIsWaitedForByTheNext() {
    simulator.set(Delay.MODIFYING, NEVER);
    Volume larger = volume.with(volume.options().with(CommonOptions.SIZE, ByteSize.ofGiB(2)));
    assertThatThrownBy(() -> store.grow(larger))
        .isInstanceOf(VolumeException.Busy.class)
        .hasMessageContaining("cannot grow volume vol")
        .hasMessageContaining("yet: the change is modifying; the same command waits for it");
  }
}
