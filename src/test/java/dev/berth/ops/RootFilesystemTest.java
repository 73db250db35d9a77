package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootFilesystemTest {
  private static final Path ROOT = Path.of("/var/lib/berth");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "ceph",
        "glusterfs",
        "fuse.s3fs",
        "fuse.sshfs"
      })
  void aNetworkFilesystemIsRefusedWithWhatToDo(String type) {
    assertThat(RootFilesystem.refusal(ROOT, type).orElseThrow())
        .contains(ROOT.toString())
        .contains("on " + type)
        .contains("network filesystem")
        .contains("Set berth.root");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "f2fs", "fuseblk", "tmpfs", "overlay"})
  void aFilesystemOfTheHostIsNot(String type) {
    assertThat(RootFilesystem.refusal(ROOT, type)).isEmpty();
  }

  @Test
  void oneThatIsNotThereYetIsLookedForAbove(@TempDir Path directory) throws IOException {
    assertThat(RootFilesystem.refusal(directory.resolve("not/there"))).isEmpty();
    assertThat(RootFilesystem.refusal(Path.of("/proc/none")).orElseThrow()).contains("proc");
  }
}
