package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What fsck finds before a mount, and what becomes of it. */
@Rule(12)
@RequiresRoot
class FilesystemCheckTest extends LoopFixture {
  private Volume written() throws IOException {
    Volume volume = create("checked", options());
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend.unmount(volume);
    return require(volume.name());
  }

  /** As after a power cut; of a filesystem that says it is clean, fsck looks at little. */
  private void damage(Volume volume, String command) {
    for (String each : new String[] {command, "set_super_value state 0"}) {
      Run.of("debugfs", "-w", "-R", each, image(volume).toString()).succeed();
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
