package dev.berth.backend.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.Observed;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is formatted, and what never. */
@RequiresRoot
class LoopFormatTest extends LoopFixture {
  private static final long SIZE = 64L << 20;

  private void write(Volume volume, long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image(volume).toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 4096, 32L << 20, SIZE - 1})
  void aVolumeWithOneForeignByteIsNeverFormatted(long offset) throws IOException {
    Volume volume = create("foreign", options());
    write(volume, offset, new byte[] {1});
    byte[] before = Files.readAllBytes(image(volume));
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("foreign")
        .hasMessageContaining("data at byte " + offset);
    assertThat(Files.readAllBytes(image(volume))).isEqualTo(before);
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void aVolumeOfAnotherSizeIsNeverFormatted() throws IOException {
    Volume volume = create("size", options());
    try (RandomAccessFile file = new RandomAccessFile(image(volume).toFile(), "rw")) {
      file.setLength(SIZE / 2);
    }
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("32MiB instead of 64MiB");
  }

  @Test
  void aFormattedVolumeWhoseSuperblockIsGoneIsNotFormattedAgain() throws IOException {
    Volume volume = create("damaged", options());
    mount(volume);
    backend.unmount(volume);
    write(volume, 0, new byte[8192]);
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("never formatted again");
  }

  @Test
  void anInterruptedFormatIsFinished() {
    Volume volume = create("interrupted", options());
    Content.Formatting begun = new Content.Formatting(FilesystemType.EXT4, UUID.randomUUID());
    put(volume.with(volume.made().withContent(begun)));
    assertThat(mount(volume)).isEmptyDirectory();
    assertThat(require(volume.name()).made().content())
        .isEqualTo(new Content.Formatted(FilesystemType.EXT4, new ByteSize(SIZE)));
  }
}
