package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The filesystems a volume can have, and who owns it. */
@RequiresSystem
class FilesystemsIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private final Containers containers = BED.containers();

  @ParameterizedTest(name = "{0} of {1} is made, written, unmounted and read")
  @CsvSource({"ext4, 64MiB", "xfs, 320MiB", "btrfs, 256MiB"})
  void filesystem(String type, String size) {
    assumeTrue(
        Traces.read(Path.of("/proc/filesystems")).contains("\t" + type + "\n")
            || Run.of("modprobe", type).run().succeeded(),
        "this kernel has no " + type);
    String volume = "fs-" + type;
    containers.create(volume, "size=" + size, "fsType=" + type);
    String mounts = containers.run(volume, "echo kept > /m/f; grep ' /m ' /proc/mounts").text();
    assertThat(mounts.split(" ", -1)[2]).isEqualTo(type);
    BED.awaitReleased(volume);
    assertThat(containers.run(volume, "ls -A /m; cat /m/f").lines()).containsExactly("f", "kept");
    BED.awaitReleased(volume);
    BED.engine().docker("volume", "rm", volume);
    assertThat(BED.images(volume)).isEmpty();
  }

  @Test
  @DisplayName("A volume belongs to the user and group its options name")
  void owner() {
    containers.create("owner", "size=64MiB", "uid=1234", "gid=4321", "mode=0750");
    assertThat(containers.run("owner", "stat -c '%u %g %a' /m").text()).isEqualTo("1234 4321 750");
  }

  @Test
  @DisplayName("The largest ids that Linux has")
  void largestIds() {
    containers.create("largest", "size=64MiB", "uid=4294967294", "gid=4294967294");
    assertThat(containers.run("largest", "stat -c '%u %g' /m").text())
        .isEqualTo("4294967294 4294967294");
  }

  @Test
  @DisplayName(
      "Docker's copy gives a volume the owner and mode of the image's; with nocopy its own")
  void ownerAndDockersCopy() {
    containers.create("copied", "size=64MiB", "uid=1234", "gid=4321", "mode=0750");
    containers.create("kept", "size=64MiB", "uid=1234", "gid=4321", "mode=0750");
    assertThat(ownerInImage("copied:/data")).isEqualTo("0 0 755");
    assertThat(ownerInImage("kept:/data:nocopy")).isEqualTo("1234 4321 750");
    assertThat(ownerInImage("kept:/data")).isEqualTo("0 0 755");
  }

  private static String ownerInImage(String mount) {
    return BED.engine()
        .docker("run", "--rm", "-v", mount, Images.WITH_DATA, "stat", "-c", "%u %g %a", "/data")
        .text();
  }

  @Test
  @DisplayName("A full volume is full, and says so")
  void full() {
    containers.create("full", "size=64MiB");
    Output filling = containers.tryRun("full", "dd if=/dev/zero of=/m/big bs=1M count=100");
    assertThat(filling.succeeded()).isFalse();
    assertThat(filling.err()).containsIgnoringCase("no space left");
    containers.run("full", "rm /m/big; echo room > /m/f");
  }
}
