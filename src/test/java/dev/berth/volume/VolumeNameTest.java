package dev.berth.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Rule;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

@Rule(15)
class VolumeNameTest {
  private static final Path ROOT = Path.of("/root-of-volumes/mnt");

  @Property
  void anyTextIsInvalidOrOnePathElementBelowTheRoot(@ForAll String text) {
    check(text);
  }

  @Property
  void textsThatLookLikePathsToo(
      @ForAll @CharRange(from = '-', to = '9') @StringLength(max = 140) String text) {
    check(text);
  }

  private static void check(String text) {
    VolumeName name;
    try {
      name = new VolumeName(text);
    } catch (VolumeException.Invalid e) {
      assertThat(e.getMessage()).startsWith("invalid volume name");
      return;
    }
    Path path = ROOT.resolve(name.value());
    assertThat(path.normalize()).isEqualTo(path);
    assertThat(path.getParent()).isEqualTo(ROOT);
  }
}
