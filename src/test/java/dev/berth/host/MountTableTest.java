package dev.berth.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTableTest {
  @TempDir Path directory;

  /** The kernel escapes space, tab, newline and backslash only. */
  @Test
  void anyPathIsReadAsItIs() throws IOException {
    Path mountinfo = directory.resolve("mountinfo");
    String lines =
        """
        20 1 8:1 / / rw - ext4 /dev/vda rw
        21 20 0:46 / /a\rb rw - tmpfs tmpfs rw
        22 20 0:47 /x\013\f\205y /c\\040d\\011e\\012f\\134g rw shared:1 - tmpfs a\rb rw
        23 20 0:48 / /\u00ff\u00c3\u00bc rw - tmpfs tmpfs rw
        """;
    Files.writeString(mountinfo, lines, ISO_8859_1);
    assertThat(MountTable.read(mountinfo).entries())
        .extracting(entry -> entry.mountpoint().bytes())
        .containsExactly("/", "/a\rb", "/c d\te\nf\\g", "/\u00ff\u00c3\u00bc");
  }

  @Test
  void aMountPointIsComparedWithPathsAndShown() {
    MountPoint place = new MountPoint("/\u00c3\u00bc/a\rb");
    assertThat(place).hasToString("/ü/a?b");
    MountPoint plain = new MountPoint("/a/b");
    assertThat(plain.is(Path.of("/a/b"))).isTrue();
    assertThat(plain.is(Path.of("/a"))).isFalse();
    assertThat(plain.contains(Path.of("/a/b"))).isTrue();
    assertThat(plain.contains(Path.of("/a/b/c"))).isTrue();
    assertThat(plain.contains(Path.of("/a/bc"))).isFalse();
    assertThat(plain.contains(Path.of("/a"))).isFalse();
    assertThat(plain.isIn(Path.of("/a"))).isTrue();
    assertThat(plain.isIn(Path.of("/a/b"))).isTrue();
    assertThat(plain.isIn(Path.of("/a/b/c"))).isFalse();
    assertThat(plain.isIn(Path.of("/"))).isTrue();
    assertThat(new MountPoint("/").contains(Path.of("/a"))).isTrue();
  }

  @Test
  void whatIsMetAtAPathIsWhatTheKernelComesTo() throws IOException {
    Path mountinfo = directory.resolve("mountinfo");
    String lines =
        """
        1 1 0:2 / / rw - rootfs rootfs rw
        20 1 8:1 / / rw - ext4 /dev/vda rw
        30 20 8:2 / /srv rw - ext4 /dev/vdb rw
        31 30 7:1 / /srv/mnt/v rw - ext4 /dev/loop1 rw
        40 20 8:3 / /hidden/deep rw - ext4 /dev/vdc rw
        41 20 8:4 / /hidden rw - ext4 /dev/vdd rw
        50 20 8:5 / /twice rw - ext4 /dev/vde rw
        51 50 8:6 / /twice rw - ext4 /dev/vdf rw
        """;
    Files.writeString(mountinfo, lines, ISO_8859_1);
    MountTable table = MountTable.read(mountinfo);
    assertThat(met(table, "/")).isEqualTo("/dev/vda");
    assertThat(met(table, "/srv/mnt")).isEqualTo("/dev/vdb");
    assertThat(met(table, "/srv/mnt/v")).isEqualTo("/dev/loop1");
    assertThat(met(table, "/srv/mnt/v/_data/missing")).isEqualTo("/dev/loop1");
    assertThat(met(table, "/srv/mnt/va")).isEqualTo("/dev/vdb");
    assertThat(met(table, "/twice/x")).isEqualTo("/dev/vdf");
    assertThat(met(table, "/elsewhere")).isEqualTo("/dev/vda");
    assertThat(met(table, "/hidden/deep/x")).as("mounted over").isEqualTo("/dev/vdd");
  }

  private static String met(MountTable table, String path) {
    return table.covering(Path.of(path)).orElseThrow().source();
  }

  @Test
  void aProcessWithAnotherRootMeetsWhatItIsShown() throws IOException {
    Path mountinfo = directory.resolve("mountinfo");
    Files.writeString(mountinfo, "31 30 7:1 / /m rw - ext4 /dev/loop1 rw\n", ISO_8859_1);
    MountTable table = MountTable.read(mountinfo);
    assertThat(met(table, "/m/x")).isEqualTo("/dev/loop1");
    assertThat(table.covering(Path.of("/else"))).isEmpty();
  }
}
