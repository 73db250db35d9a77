package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootPathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"/var/lib/berth", "/a,b", "/a b", "/a:b\\,c", "/'\"%20", "/-x", "/\u00fc", "/$x"})
  void mostAreFine(String root) {
    assertThat(RootPath.refusal(Path.of(root))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a?b", "/a\nb", "/a\tb", "/a\u007f", "/a\ufffdb"})
  void someAreRefusedWithTheReason(String root) {
    assertThat(RootPath.refusal(Path.of(root)).orElseThrow())
        .startsWith("berth.root=/a")
        .endsWith(": set it to another directory")
        .doesNotContain("\n");
  }
}
