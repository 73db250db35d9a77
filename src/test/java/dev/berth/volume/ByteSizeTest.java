package dev.berth.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "20GiB,21474836480",
    "20g,21474836480",
    "20,21474836480",
    "512MiB,536870912",
    "1.5T,1649267441664",
    "700B,700",
    "1 kb,1024"
  })
  void readsWhatUsersWrite(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "-1", "10XB", "1e3", "GiB", "99999999999999999999", "9000000T", "0.1B"})
  void refusesTheRest(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(VolumeException.Invalid.class);
  }

  @Property
  void readsBackWhatItPrints(@ForAll @LongRange(min = 1) long bytes) {
    ByteSize size = new ByteSize(bytes % (1L << 59) + 1);
    assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
  }

  @Property
  void anyTextIsASizeOrInvalid(@ForAll String text) {
    try {
      assertThat(ByteSize.parse(text).bytes()).isPositive();
    } catch (VolumeException.Invalid e) {
      assertThat(e).hasMessageContaining("size");
    }
  }
}
