package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.MountOptions;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of users, of superblocks, and those that every volume has. */
@RequiresRoot
class LoopMountOptionsTest extends LoopFixture {
  private MountEntry entry(Volume volume) {
    return MountTable.own().at(root.resolve("mnt").resolve(volume.name().value())).orElseThrow();
  }

  /** What the kernel makes of the options, its own defaults and the superblock's included. */
  private String effective(Volume volume) {
    String device = Path.of(entry(volume).source()).getFileName().toString();
    return Traces.read(Path.of("/proc/fs/ext4", device, "options"));
  }

  private String mountLine(Volume volume) {
    return Traces.read(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains("/mnt/" + volume.name() + " "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aVolumeHasNoDevicesAndIsReadOnlyOnceItIsDamaged() {
    Volume volume = create("careful", options());
    mount(volume);
    assertThat(mountLine(volume)).contains(",nodev").doesNotContain("nosuid");
    assertThat(effective(volume)).contains("errors=remount-ro");
    backend.unmount(volume);
    assertThat(Run.of("dumpe2fs", "-h", image(volume).toString()).succeed().out())
        .containsPattern("Errors behavior:\\s+Remount read-only");
  }

  @Test
  void nosuidIsThereForWhoAsksForIt() {
    Volume volume = create("nosuid", Map.of("size", "64MiB", "mountOptions", "nosuid,noatime"));
    mount(volume);
    assertThat(mountLine(volume)).contains("nosuid,nodev,noatime");
  }

  /** A container can damage its filesystem; the host has other volumes. */
  @Test
  void noVolumeStopsTheHost() {
    assertThatThrownBy(
            () -> create("panic", Map.of("size", "64MiB", "mountOptions", "noatime,errors=panic")))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContainingAll("errors=panic", "stop the whole host", "leave it out");
    Volume before = create("before", options());
    Volume panics =
        put(
            before.with(
                before
                    .options()
                    .with(BlockOptions.MOUNT_OPTIONS, MountOptions.parse("errors=panic"))));
    mount(panics);
    assertThat(effective(panics)).contains("errors=remount-ro").doesNotContain("panic");
  }

  /** As a snapshot, or an adopted volume, may bring it with it. */
  @Test
  void whatASuperblockAsksForIsWhatMayBeAskedFor() {
    Volume volume = create("theirs", options());
    mount(volume);
    backend.unmount(volume);
    tune(volume, "-e", "panic", "-E", "mount_opts=commit=77");
    mount(volume);
    assertThat(effective(volume))
        .contains("errors=remount-ro", "commit=77")
        .doesNotContain("panic");
    backend.unmount(volume);
    for (String hostile : List.of("journal_path=/etc/passwd", "norecovery", "abort")) {
      tune(volume, "-E", "mount_opts=" + hostile);
      assertThatThrownBy(() -> mount(volume))
          .isInstanceOf(VolumeException.Refused.class)
          .hasMessageContainingAll("volume theirs", hostile, "tune2fs -E mount_opts=");
      assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
    }
  }

  private void tune(Volume volume, String... arguments) {
    Run.of(
            Stream.concat(
                    Stream.concat(Stream.of("tune2fs"), Stream.of(arguments)),
                    Stream.of(image(volume).toString()))
                .toArray(String[]::new))
        .succeed();
  }
}
