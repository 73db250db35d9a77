package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilesystemSizeTest {
  private static final long MEBIBYTE = 1 << 20;

  private final ProcessCommandRunner commands = new ProcessCommandRunner();

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Filesystem.class)
  void itIsWhatTheFilesystemWasMadeFor(Filesystem type) throws IOException {
    Path file = directory.resolve("image");
    SparseFiles files = new SparseFiles(commands);
    files.create(file);
    files.resize(file, 320 * MEBIBYTE);
    new Filesystems(commands)
        .make(type, file, UUID.randomUUID(), OptionalInt.empty(), OptionalInt.empty());
    assertThat(FilesystemSize.read(type, file)).isEqualTo(320 * MEBIBYTE);
    files.resize(file, 400 * MEBIBYTE);
    assertThat(FilesystemSize.read(type, file)).isEqualTo(320 * MEBIBYTE);
  }

  @ParameterizedTest
  @EnumSource(Filesystem.class)
  void whereThereIsNoneItIsNotGuessed(Filesystem type) {
    Path file = directory.resolve("image");
    new SparseFiles(commands).create(file);
    new SparseFiles(commands).resize(file, MEBIBYTE);
    assertThatThrownBy(() -> FilesystemSize.read(type, file))
        .isInstanceOf(HostException.Unexpected.class);
  }

  @Test
  void anUnmountedExt4ThatWasGrownHasItsNewSize() {
    Path file = directory.resolve("image");
    SparseFiles files = new SparseFiles(commands);
    Filesystems filesystems = new Filesystems(commands);
    files.create(file);
    files.resize(file, 16 * MEBIBYTE);
    filesystems.make(
        Filesystem.EXT4, file, UUID.randomUUID(), OptionalInt.empty(), OptionalInt.empty());
    files.resize(file, 24 * MEBIBYTE);
    filesystems.growUnmounted(Filesystem.EXT4, file);
    assertThat(FilesystemSize.read(Filesystem.EXT4, file)).isEqualTo(24 * MEBIBYTE);
  }
}
