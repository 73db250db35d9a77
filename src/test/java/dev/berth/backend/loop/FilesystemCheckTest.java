package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.backend.VolumeFixture;
import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.block.FormatRule;
import dev.berth.host.BlankCheck;
import dev.berth.host.Filesystems;
import dev.berth.host.LoopDevices;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.Signatures;
import dev.berth.host.SparseFiles;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fsck finds before a mount, and what becomes of it. */
@Rule(12)
@RequiresRoot
class FilesystemCheckTest extends VolumeFixture {
  @TempDir Path root;
  private BlockBackend backend;

  @BeforeEach
  void open() {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    Filesystems filesystems = new Filesystems(runner);
    BlockTools tools =
        new BlockTools(
            new FormatRule(filesystems, new Signatures(runner), new BlankCheck(runner)),
            filesystems,
            new Mounts(runner),
            () -> root);
    backend =
        LoopBackend.create(
            root, new SparseFiles(runner), new LoopDevices(runner), tools, Clock.systemUTC());
  }

  @Override
  protected BlockBackend backend() {
    return backend;
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "64MiB");
  }

  private Volume written() throws IOException {
    Volume volume = create("checked", options());
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend.unmount(volume);
    return require(volume.name());
  }

  /** As after a power cut; of a filesystem that says it is clean, fsck looks at little. */
  private void damage(Volume volume, String command) {
    Path image = root.resolve("loop").resolve(volume.made().ref().value());
    for (String each : new String[] {command, "set_super_value state 0"}) {
      Run.of("debugfs", "-w", "-R", each, image.toString()).succeed();
    }
  }

  @Test
  void whatFsckCorrectsByItselfIsCorrected() throws IOException {
    Volume volume = written();
    damage(volume, "set_super_value free_blocks_count 7");
    assertThat(mount(volume).resolve("x")).hasContent("kept");
    assertThat(backend.mountpoint(volume).toFile().getFreeSpace()).isGreaterThan(7 * 4096);
  }

  @Test
  void whatItCannotCorrectRefusesTheMountAndSaysHowToLook() throws IOException {
    Volume volume = written();
    damage(volume, "clri <2>");
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContainingAll("checked", "e2fsck -n", "snapshot");
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
  }
}
