package dev.berth.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.volume.VolumeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
  private record Request(String name, boolean force) {}

  private static final JsonBody<Request> BODY = new JsonBody<>(Request.class);

  private static Request read(String body) {
    return BODY.read(body.getBytes(UTF_8));
  }

  @Test
  void valuesOfTheirTypesAreRead() {
    assertThat(read("{\"name\":\" \",\"force\":true}")).isEqualTo(new Request(" ", true));
    assertThat(read("{\"name\":\"\",\"force\":false}")).isEqualTo(new Request("", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"true\"",
        "\"false\"",
        "0",
        "1",
        "1.5",
        "[]",
        "{}"
      })
  void nothingElsePassesForAFlag(String value) {
    assertThatThrownBy(() -> read("{\"name\":\"a\",\"force\":" + value + "}"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("force");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1.5", "true", "[]", "[\"a\"]", "{}"})
  void nothingElsePassesForAText(String value) {
    assertThatThrownBy(() -> read("{\"name\":" + value + "}"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("name");
  }
}
