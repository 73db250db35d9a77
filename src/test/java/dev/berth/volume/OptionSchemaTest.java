package dev.berth.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

@Rule(15)
class OptionSchemaTest {
  private static final OptionSchema SCHEMA = schema();

  private static OptionSchema schema() {
    List<Option<?>> options = new ArrayList<>(CommonOptions.ALL);
    options.add(CommonOptions.SIZE);
    return new OptionSchema(options);
  }

  @Test
  void spellingOfNamesDoesNotMatter() {
    VolumeOptions expected = SCHEMA.parse(Map.of("onRemove", "retain"));
    assertThat(SCHEMA.parse(Map.of("on-remove", "Retain"))).isEqualTo(expected);
    assertThat(SCHEMA.parse(Map.of("ON_REMOVE", "RETAIN"))).isEqualTo(expected);
  }

  @Test
  void equalValuesAreEqualHoweverTheyAreWritten() {
    assertThat(SCHEMA.parse(Map.of("size", "20")))
        .isEqualTo(SCHEMA.parse(Map.of("SIZE", "20480MiB")));
  }

  @Test
  void anUnknownOptionNamesTheValidOnes() {
    assertThatThrownBy(() -> SCHEMA.parse(Map.of("sizee", "1")))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("sizee")
        .hasMessageContaining("onRemove")
        .hasMessageContaining("label.KEY");
  }

  @Test
  void oneOptionInTwoSpellingsIsRefused() {
    assertThatThrownBy(() -> SCHEMA.parse(Map.of("size", "1", "SIZE", "2")))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("twice");
  }

  @Test
  void familiesKeepTheKeyOfAMember() {
    VolumeOptions options = SCHEMA.parse(Map.of("Label.Owner", "me", "label.b", ""));
    assertThat(options.family(CommonOptions.LABEL))
        .containsExactly(Map.entry("Owner", "me"), Map.entry("b", ""));
    assertThatThrownBy(() -> SCHEMA.parse(Map.of("label", "x")))
        .isInstanceOf(VolumeException.Invalid.class);
  }

  @Test
  void defaultsFillWhatIsOpenAndNotWhatAnotherOptionSettles() {
    Option<String> source = Option.text("source", "a name", Pattern.compile("[a-z]+"));
    OptionSchema schema =
        new OptionSchema(
            List.of(CommonOptions.SIZE, CommonOptions.UID, source.settling(CommonOptions.SIZE)));
    VolumeOptions defaults = schema.parse(Map.of("size", "10GiB", "uid", "7"));
    assertThat(schema.complete(schema.parse(Map.of("uid", "8")), defaults))
        .isEqualTo(schema.parse(Map.of("size", "10GiB", "uid", "8")));
    assertThat(schema.complete(schema.parse(Map.of("source", "a")), defaults))
        .isEqualTo(schema.parse(Map.of("source", "a", "uid", "7")));
    assertThat(schema.complete(schema.parse(Map.of("source", "a", "size", "1GiB")), defaults))
        .isEqualTo(schema.parse(Map.of("source", "a", "size", "1GiB", "uid", "7")));
  }

  @Test
  void thereIsALimitToWhatAVolumeIsGiven() {
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < 256; i++) {
      labels.put("label.k" + i, "v");
    }
    assertThat(SCHEMA.parse(labels).texts()).hasSize(256);
    labels.put("label.more", "v");
    assertThatThrownBy(() -> SCHEMA.parse(labels))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("at most 256");
    Map<String, String> texts = new HashMap<>();
    for (int i = 0; i < 250; i++) {
      texts.put("label." + "k".repeat(100) + i, "v".repeat(256));
    }
    assertThatThrownBy(() -> SCHEMA.parse(texts))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("at most 65536");
  }

  @Property
  void anyMapIsParsedOrInvalid(@ForAll Map<String, String> given) {
    try {
      SCHEMA.parse(given);
    } catch (VolumeException.Invalid e) {
      assertThat(e.getMessage()).contains("option");
    }
  }
}
