package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ec2sim.Delay;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.InstanceType;
import dev.berth.ec2sim.device.Decoy;
import dev.berth.host.BlockDevice;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.Async;
import dev.berth.testing.Namespaces;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who may have a volume, and what attaching it can meet. */
@Rule(8)
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsOwnershipTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;
  private StoreBed bed;
  private Ec2Simulator simulator;
  private String here;
  private String there;
  private EbsStore store;
  private EbsStore other;
  private Volume volume;

  @BeforeEach
  void start() {
    bed = new StoreBed(directory);
    simulator = bed.simulator();
    here = simulator.runInstance();
    there = simulator.runInstance();
    store = bed.store(here);
    other = bed.store(there);
    volume = StoreBed.made(store, "vol");
  }

  @AfterEach
  void leaveNothing() {
    assertThat(simulator.history().everAttachedTwice(id())).isFalse();
    simulator.detach(id(), false);
    store.delete(volume);
    bed.assertNothingLeft();
    bed.close();
  }

  private String id() {
    return volume.made().ref().value();
  }

  @Test
  void aRunningInstanceKeepsWhatItHas() {
    BlockDevice device = other.attach(volume);
    assertThatThrownBy(() -> store.attach(volume))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("vol")
        .hasMessageContaining("attached to instance " + there + " (running)")
        .hasMessageContaining("this is instance " + here);
    store.detach(volume);
    assertThat(other.attached(volume)).contains(device);
    assertThatThrownBy(() -> store.delete(volume))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining(there);
  }

  /** Mounted where this process does not see it; swap, LVM and partitions claim a disk likewise. */
  @Test
  void whatTheHostUsesIsNotDetached(@TempDir Path place) throws IOException {
    BlockDevice device = store.attach(volume);
    Run.of("mkfs.ext4", "-q", device.path().toString()).succeed();
    Run.of("mount", device.path().toString(), place.toString()).succeed();
    ProcessHandle user = Namespaces.holding(place);
    try {
      Run.of("umount", place.toString()).succeed();
      assertThatThrownBy(() -> store.detach(volume))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining("vol")
          .hasMessageContaining("instance " + here)
          .hasMessageContaining("lsblk " + device.path());
      assertThat(simulator.calls().of("DetachVolume")).isZero();
      assertThat(store.attached(volume)).contains(device);
    } finally {
      user.destroyForcibly();
    }
    user.onExit().join();
    store.detach(volume);
    assertThat(store.attached(volume)).isEmpty();
  }

  @Test
  void aVolumeUsesUpNoNamesWhileEc2DoesNotAnswer() {
    EbsStore impatient = new EbsStore(bed.cloud(here, EbsHost.quickWithin(Duration.ofSeconds(5))));
    simulator.fail("AttachVolume", "InternalError").always();
    for (int mount = 0; mount < 2; mount++) {
      assertThatThrownBy(() -> impatient.attach(volume)).isInstanceOf(VolumeException.class);
    }
    assertThat(simulator.calls().of("AttachVolume")).isGreaterThan(2);
    simulator.clearFaults();
    impatient.attach(volume);
    assertThat(simulator.volume(id()).orElseThrow().attachment().orElseThrow().device())
        .isEqualTo("/dev/xvdaa");
    impatient.detach(volume);
  }

  @Test
  void anInstanceThatIsAboutToLetGoIsWaitedFor() {
    other.attach(volume);
    Future<BlockDevice> waiting = Async.start(() -> store.attach(volume));
    Async.pause(Duration.ofMillis(500));
    other.detach(volume);
    BlockDevice device = Async.get(waiting, LIMIT);
    assertThat(store.attached(volume)).contains(device);
  }

  @Test
  void aStoppedInstanceLosesIt() {
    other.attach(volume);
    simulator.stopInstance(there);
    assertThat(store.attach(volume).size()).isEqualTo(1L << 30);
    assertThat(simulator.volume(id()).orElseThrow().attachment().orElseThrow().instanceId())
        .isEqualTo(here);
  }

  @Test
  void aTerminatedInstanceLosesIt() {
    other.attach(volume);
    simulator.terminateInstance(there);
    assertThat(store.attach(volume).size()).isEqualTo(1L << 30);
  }

  @Test
  void twoInstancesThatRaceForItNeverBothHaveIt() {
    for (int round = 0; round < 10; round++) {
      List<Future<Boolean>> both =
          Stream.of(store, other)
              .map(
                  racer ->
                      Async.start(
                          () -> {
                            try {
                              racer.attach(volume);
                              return true;
                            } catch (VolumeException.InUse e) {
                              return false;
                            }
                          }))
              .toList();
      assertThat(both.stream().filter(won -> Async.get(won, LIMIT)).count()).isEqualTo(1);
      store.detach(volume);
      other.detach(volume);
    }
  }

  @Test
  void aVolumeOfAnotherZoneIsRefusedWithBothZones() {
    String far = simulator.runInstance(Ec2Simulator.REGION + "b", InstanceType.M7I_LARGE);
    TestConfig config =
        EbsHost.config(simulator, far, directory.resolve(far))
            .as(far, Ec2Simulator.REGION, Ec2Simulator.REGION + "b");
    EbsStore elsewhere = new EbsStore(EbsHost.cloud(config));
    assertThatThrownBy(() -> elsewhere.attach(volume))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("vol")
        .hasMessageContaining("eu-west-1a")
        .hasMessageContaining("eu-west-1b");
  }

  @Test
  void aRestartFindsWhatIsAttached() {
    BlockDevice device = store.attach(volume);
    EbsStore again = bed.store(here);
    assertThat(again.attached(volume)).contains(device);
    assertThat(again.attach(volume)).isEqualTo(device);
    bed.store(here).detach(volume);
    assertThat(store.attached(volume)).isEmpty();
  }

  @Test
  void aRestartInTheMidstOfAnAttachmentGoesOnOrUndoesIt() {
    simulator.set(Delay.ATTACH, Duration.ofSeconds(1));
    simulator.set(Delay.DEVICE, Duration.ofMillis(900));
    simulator.attach(id(), here, "/dev/xvdaa");
    assertThat(bed.store(here).attach(volume).size()).isEqualTo(1L << 30);
    bed.store(here).detach(volume);
    Awaitility.await("available")
        .atMost(LIMIT)
        .until(() -> simulator.volume(id()).orElseThrow().attachment().isEmpty());
    simulator.attach(id(), here, "/dev/xvdaa");
    bed.store(here).detach(volume);
    assertThat(bed.store(here).attached(volume)).isEmpty();
    assertThat(simulator.volume(id()).orElseThrow().attachment()).isEmpty();
  }

  @Test
  void aDeviceThatIsAboutToGoIsNotTaken() {
    store.attach(volume);
    simulator.set(Delay.DETACH, Duration.ofSeconds(2));
    simulator.detach(id(), false);
    BlockDevice device = bed.store(here).attach(volume);
    assertThat(store.attached(volume)).contains(device);
    assertThat(simulator.volume(id()).orElseThrow().status()).isEqualTo("in-use");
    simulator.set(Delay.DETACH, Duration.ofMillis(60));
  }

  @Test
  void aTakenNameIsFollowedByTheNextOne() {
    Volume first = StoreBed.made(store, "first");
    simulator.attach(first.made().ref().value(), here, "/dev/xvdaa");
    simulator.hideDevice(here, "/dev/xvdab");
    store.attach(volume);
    assertThat(simulator.volume(id()).orElseThrow().attachment().orElseThrow().device())
        .isEqualTo("/dev/xvdac");
    store.detach(first);
    store.delete(first);
  }

  @Test
  void aStuckAttachmentIsUndoneAndTriedUnderAnotherName() {
    simulator.stickNextAttachment(Duration.ZERO);
    store.attach(volume);
    assertThat(simulator.calls().of("AttachVolume")).isEqualTo(2);
    assertThat(simulator.volume(id()).orElseThrow().attachment().orElseThrow().device())
        .isEqualTo("/dev/xvdab");
  }

  @Test
  void decoysAreNotTaken() {
    simulator.decoys(here, Decoy.values());
    BlockDevice device = store.attach(volume);
    assertThat(store.attached(volume)).contains(device);
    assertThat(device.size()).isEqualTo(1L << 30);
  }

  @Test
  void aFullInstanceSaysHowManyItHolds() {
    String small =
        simulator.runInstance(Ec2Simulator.ZONE, new InstanceType("t3.micro", 3, true, false));
    EbsStore full = bed.store(small);
    Volume first = StoreBed.made(full, "first");
    full.attach(first);
    assertThatThrownBy(() -> full.attach(volume))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("vol")
        .hasMessageContaining(small)
        .hasMessageContaining("cannot hold one more");
    full.detach(first);
    full.attach(volume);
    full.detach(volume);
    full.delete(first);
  }

  @Test
  void aXenInstanceHasItByItsName() {
    String xen =
        simulator.runInstance(Ec2Simulator.ZONE, new InstanceType("m3.medium", 40, true, true));
    EbsStore old = bed.store(xen);
    BlockDevice device = old.attach(volume);
    assertThat(old.attached(volume)).contains(device);
    assertThat(bed.store(xen).attach(volume)).isEqualTo(device);
    bed.store(xen).detach(volume);
    assertThat(old.attached(volume)).isEmpty();
  }

  @Test
  void descriptionsThatLagChangeNothing() {
    simulator.staleDescribes(Duration.ofSeconds(1));
    Volume fresh = StoreBed.made(store, "fresh");
    store.attach(fresh);
    store.detach(fresh);
    store.attach(fresh);
    store.detach(fresh);
    store.delete(fresh);
    assertThat(simulator.history().everAttachedTwice(fresh.made().ref().value())).isFalse();
    simulator.staleDescribes(Duration.ZERO);
  }
}
