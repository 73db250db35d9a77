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
}
