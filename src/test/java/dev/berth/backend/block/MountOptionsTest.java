package dev.berth.backend.block;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.volume.VolumeException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountOptionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ro,rw",
        "rw,noatime,ro",
        "sync,async",
        "noatime,relatime",
        "suid,nosuid",
        "exec,noexec",
        "discard,nodiscard",
        "discard,discard=async",
        "commit=5,commit=30",
        "data=ordered,data=journal",
        "barrier=1,nobarrier",
        "inode32,inode64",
        "ssd,nossd"
      })
  void ofTwoThatContradictEachOtherBothAreNamed(String text) {
    List<String> values = Arrays.asList(text.split(","));
    assertThatThrownBy(() -> MountOptions.parse(text).refuseContradictions())
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContainingAll(values.getFirst(), values.getLast(), "contradict each other");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ro",
        "noatime,noatime",
        "noatime,nodiratime,lazytime",
        "nosuid,noexec,nodev",
        "commit=5,data=ordered,delalloc,noauto_da_alloc",
        "compress=zstd:3,autodefrag,ssd,discard=async"
      })
  void whatGoesTogetherIsTaken(String text) {
    assertThatCode(() -> MountOptions.parse(text).refuseContradictions())
        .doesNotThrowAnyException();
  }
}
