package dev.berth.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What others wrote, on its way into texts for people. */
class ShownTest {
  @Test
  void whatWasSaidIsOneLine() {
    assertThat(Shown.said("  no \r\n\n 2026-11-30 [RemoveVolume] volume db removed\n"))
        .isEqualTo("no; 2026-11-30 [RemoveVolume] volume db removed");
  }

  /** Colours, cursor movements, and texts that run backwards. */
  @Test
  void whatATerminalWouldObeyIsNotShown() {
    assertThat(Shown.said("a\u001b[2Jb\u009b2Jc\u202ed\u2028e\u0000f"))
        .isEqualTo("a?[2Jb?2Jc?d?e?f");
  }

  /** It comes into a sentence of Berth's, which has its own. */
  @Test
  void theFullStopOfOthersIsNotShown() {
    assertThat(Shown.said("umount: /mnt/a: target is busy.\n"))
        .isEqualTo("umount: /mnt/a: target is busy");
    assertThat(Shown.said("wait...")).isEqualTo("wait...");
  }

  @Test
  void notAllOfItIsShown() {
    assertThat(Shown.said("x".repeat(200_000))).hasSize(501).endsWith("x…");
    assertThat(Shown.said(" \n".repeat(200_000))).isEmpty();
    assertThat(Shown.of("x".repeat(65))).hasSize(65).endsWith("x…");
  }

  /** The ledger would have what nobody can read again. */
  @Test
  void optionsTakeOnlyWhatTheirParserReads() {
    Option<String> region = Option.text("region", "a region", Pattern.compile("[a-z0-9-]+"));
    assertThat(VolumeOptions.NONE.with(region, "eu-west-1").require(region)).isEqualTo("eu-west-1");
    assertThatThrownBy(() -> VolumeOptions.NONE.with(region, "us-east-1,use_cache=/x"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("a region");
  }
}
