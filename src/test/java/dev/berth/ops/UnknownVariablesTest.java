package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnknownVariablesTest {
  private static final Set<String> SETTINGS =
      Set.of("berth.linger", "berth.ledger", "berth.s3.path-style", "berth.defaults.*");

  private static List<String> among(String... variables) {
    return UnknownVariables.among(List.of(variables), SETTINGS);
  }

  @Test
  void settingsAndVariablesOfOthersAreNotNamed() {
    assertThat(
            among(
                "BERTH_LINGER",
                "BERTH_S3_PATH_STYLE",
                "BERTH_DEFAULTS_ON_REMOVE",
                "BERTH_CONFIG",
                "BERTH_JAVA_OPTIONS",
                "PATH",
                "BERTHS"))
        .isEmpty();
  }

  @Test
  void aTypingErrorIsNamedWithTheNearestSetting() {
    assertThat(among("BERTH_LINGRE", "BERTH_S3_PATHSTYLE", "BERTH_LEDGER"))
        .containsExactly(
            "the variable BERTH_LINGRE is not a setting of Berth and changes nothing; did you mean BERTH_LINGER?",
            "the variable BERTH_S3_PATHSTYLE is not a setting of Berth and changes nothing; did you mean BERTH_S3_PATH_STYLE?");
  }

  @Test
  void whatIsLikeNoSettingIsNamedAlone() {
    assertThat(among("BERTH_SOMETHING_ELSE_ALTOGETHER"))
        .containsExactly(
            "the variable BERTH_SOMETHING_ELSE_ALTOGETHER is not a setting of Berth and changes nothing");
  }
}
