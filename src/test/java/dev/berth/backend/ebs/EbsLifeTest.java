package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.backend.ContentJournal;
import dev.berth.backend.Observed;
import dev.berth.backend.Observed.Health;
import dev.berth.backend.VolumeFixture;
import dev.berth.backend.block.BlockBackend;
import dev.berth.ec2sim.Delay;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.ec2sim.Fault;
import dev.berth.testing.AnyKeys;
import dev.berth.testing.HiddenFiles;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only volumes on EBS can do, filesystem included. */
@RequiresRoot
@ExtendWith(AnyKeys.class)
class EbsLifeTest extends VolumeFixture {
  @TempDir Path directory;
  @AutoClose private Ec2Simulator simulator;
  private EbsHost host;

  @BeforeEach
  void start() {
    simulator = Ec2Simulator.withDevices(directory.resolve("cloud"));
    host = EbsHost.on(simulator, directory.resolve("root"));
  }

  @Override
  protected BlockBackend backend() {
    return host.backend();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "1GiB");
  }

  private Volume filled(String name) throws IOException {
    Files.writeString(mount(create(name, options())).resolve("x"), "kept");
    return require(new VolumeName(name));
  }

  @Test
  void aDiskThatWasTakenAwayIsToldWithWhatEc2SaysAndComesBack() throws IOException {
    Volume volume = filled("torn");
    String id = volume.made().ref().value();
    Path device = ((Observed.Mounted) backend().observe(volume)).device().orElseThrow();
    simulator.detach(id, true);
    // The node of a disk that is gone goes with it; that of a loop device does not.
    try (HiddenFiles _ = HiddenFiles.of(List.of(device))) {
      assertThat(((Observed.Mounted) backend().observe(volume)).health())
          .isEqualTo(new Health.Failed("its device " + device + " is gone from this host"));
      await("EC2 has detached it")
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> mount(volume))
                      .isInstanceOf(VolumeException.Failed.class)
                      .hasMessageContaining("volume torn cannot be used: its device " + device)
                      .hasMessageContaining("EC2 says that " + id + " is available")
                      .hasMessageContaining("attached again at its next mount"));
      simulator.fail("DescribeVolumes", "UnauthorizedOperation").always();
      assertThatThrownBy(() -> mount(volume)).hasMessageContaining("EC2 could not be asked");
      simulator.clearFaults();
      backend().unmount(volume);
    }
    assertThat(mount(require(volume.name()))).isDirectory();
  }

  @Test
  void sizesAreWholeGiBAndWhatIsLeftOpenIsFilledIn() {
    Volume volume = create("small", Map.of("size", "1.2GiB"));
    assertThat(volume.options().require(CommonOptions.SIZE)).isEqualTo(ByteSize.ofGiB(2));
    assertThat(volume.options().require(EbsOptions.TYPE)).isEqualTo(VolumeType.GP3);
    assertThat(volume.options().require(EbsOptions.ZONE)).isEqualTo(Ec2Simulator.ZONE);
    assertThat(backend().sizeFor(volume, new ByteSize((2L << 30) + 1)))
        .isEqualTo(ByteSize.ofGiB(3));
    assertThatThrownBy(() -> backend().sizeFor(volume, ByteSize.ofGiB(65_537)))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("from 1GiB to 65536GiB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type | gp2 | iops | 3000 | have no iops to choose",
        "type | io2 | size | 4 | need iops",
        "type | floppy | size | 1 | gp3",
        "encrypted | false | kmsKeyId | alias/a | kmsKeyId",
        "volumeInitializationRate | 100 | size | 1 | snapshotId",
        "tags.berth:volume | x | size | 1 | key of a tag",
        "tags.aws:x | x | size | 1 | key of a tag",
        "volumeId | vol-0123456789abcdef0 | snapshotId | snap-0123456789abcdef0 | only one of"
      })
  void optionsThatDoNotFitAreRefusedBeforeAnyCall(
      String one, String value, String another, String other, String message) {
    assertThatThrownBy(() -> create("odd", Map.of(one, value, another, other)))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining(message);
    assertThat(simulator.calls().total()).isZero();
  }

  @Test
  void aKeyThatCannotBeUsedIsExplained() {
    assertThatThrownBy(() -> create("ghost", Map.of("size", "1", "kmsKeyId", "alias/broken")))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("ghost")
        .hasMessageContaining("alias/broken")
        .hasMessageContaining("kms:CreateGrant");
    simulator.allowKmsKey("alias/works");
    create("solid", Map.of("size", "1", "kmsKeyId", "alias/works"));
  }

  @Test
  void anAdoptedVolumeKeepsItsDataAndIsNeverFormatted() throws IOException {
    Volume made = filled("made");
    backend().unmount(made);
    String id = made.made().ref().value();
    assertThatThrownBy(() -> create("twice", Map.of("volumeId", id)))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContaining("is the volume made already");
    backend().giveUp(made);
    Other other = new Other(backend());
    Volume adopted = other.adopt(id);
    assertThat(adopted.made().content()).isInstanceOf(Content.Foreign.class);
    assertThat(adopted.options().require(CommonOptions.ON_REMOVE)).isEqualTo(OnRemove.RETAIN);
    assertThat(other.path(adopted).resolve("x")).hasContent("kept");
    assertThat(other.require(adopted.name()).made().content())
        .isEqualTo(new Content.Formatted(FilesystemType.EXT4, ByteSize.ofGiB(1)));
    backend().unmount(adopted);
  }

  /** The ledger of another host. */
  static final class Other extends VolumeFixture {
    private final BlockBackend backend;

    Other(BlockBackend backend) {
      this.backend = backend;
    }

    Volume adopt(String id) {
      return create("adopted", Map.of("volumeId", id));
    }

    Path path(Volume volume) {
      return mount(volume);
    }

    @Override
    protected BlockBackend backend() {
      return backend;
    }

    @Override
    protected Map<String, String> options() {
      return Map.of();
    }
  }

  @Test
  void aBlankVolumeThatWasNotMadeByBerthIsNotFormatted() {
    Volume made = create("blank", options());
    backend().giveUp(made);
    Other other = new Other(backend());
    Volume adopted = other.adopt(made.made().ref().value());
    assertThatThrownBy(() -> other.path(adopted))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("was not made by Berth")
        .hasMessageContaining("nothing known is found");
  }

  @Test
  void aVolumeGrowsIsCopiedWhileItIsMountedAndRestored() throws IOException {
    simulator.set(Delay.SNAPSHOT, Delay.UNTIL_SET);
    Volume volume = filled("source");
    backend().unmount(volume);
    put(volume.with(volume.options().with(CommonOptions.SIZE, ByteSize.ofGiB(2))));
    backend().grow(require(volume.name()), this);
    mount(volume);
    assertThat(Files.getFileStore(backend().mountpoint(volume)).getTotalSpace())
        .isGreaterThan(1_800L << 20);
    Snapshot snapshot = backend().takeSnapshot(require(volume.name()));
    assertThat(simulator.snapshots().getFirst().completed()).isFalse();
    simulator.set(Delay.SNAPSHOT, Delay.SNAPSHOT.initial());
    Files.writeString(backend().mountpoint(volume).resolve("x"), "changed");
    Volume clone = create("clone", Map.of("sourceVolume", "source"));
    assertThat(mount(clone).resolve("x")).hasContent("changed");
    Volume restored =
        create("restored", Map.of("snapshotId", snapshot.id(), "volumeInitializationRate", "100"));
    assertThat(mount(restored).resolve("x")).hasContent("kept");
    assertThat(backend().snapshots()).containsExactly(snapshot);
    backend().deleteSnapshot(snapshot.id());
  }

  @Test
  void aGrowthThatEc2RefusesKeepsNobodyFromTheData() throws IOException {
    Volume volume = filled("denied");
    backend().unmount(volume);
    Volume grown = put(volume.with(volume.options().with(CommonOptions.SIZE, ByteSize.ofGiB(2))));
    Fault fault = simulator.fail("ModifyVolume", "VolumeModificationRateExceeded").always();
    List<String> warnings = new ArrayList<>();
    ContentJournal journal =
        new ContentJournal() {
          @Override
          public Volume record(Volume current, Content next) {
            return EbsLifeTest.this.record(current, next);
          }

          @Override
          public void warn(Volume warned, String message) {
            warnings.add(message);
          }
        };
    assertThat(backend().mount(grown, journal).resolve("x")).hasContent("kept");
    fault.assertFired();
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("denied", "with the 1GiB it has", "four in 24 hours", "'berth grow denied 2GiB'");
    simulator.clearFaults();
    backend().unmount(grown);
    mount(grown);
    assertThat(Files.getFileStore(backend().mountpoint(grown)).getTotalSpace())
        .isGreaterThan(1_800L << 20);
  }
}
