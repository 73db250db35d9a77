package dev.berth.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The format rule, as the engine meets it. */
@Rule(11)
@RequiresSystem(engine = false)
class FormatCorpusIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Set<String> SOME =
      Set.of(
          "ext4 with files in it",
          "ext4 whose superblock is zeroed",
          "ext4 of which only a backup superblock is left",
          "crypto_LUKS",
          "LVM2_member",
          "GPT of which only the copy at the end is left",
          "one byte far inside",
          "one byte at the very end");

  private final PluginClient client = BED.client();

  static Stream<ForeignImage> some() {
    return ForeignImages.all().filter(image -> SOME.contains(image.name()));
  }

  @Test
  void allOfSomeAreInTheTable() {
    assertThat(some().map(ForeignImage::name)).containsExactlyInAnyOrderElementsOf(SOME);
  }

  @ParameterizedTest(name = "{0} is not formatted, and the engine is told why")
  @MethodSource("some")
  void foreign(ForeignImage image) throws IOException {
    client.create("foreign", Map.of("size", image.size())).orFail();
    Path file = BED.images("foreign").getFirst();
    image.writer().write(file);
    assertRefused(file, image.found(), "Look at it with 'blkid -p " + file);
    client.remove("foreign").orFail();
    client.create("foreign", Map.of("size", image.size())).orFail();
    client.mount("foreign", "y").orFail();
    assertThat(formats()).as("mkfs runs, seen by the same counter").isEqualTo(1);
  }

  @Test
  @DisplayName("A probe that hangs is ended, nothing is formatted, and the next Mount succeeds")
  void hangingProbe() throws IOException {
    client.create("foreign", Map.of("size", "64MiB")).orFail();
    Path file = BED.images("foreign").getFirst();
    BED.tools().delayBefore("blkid", file.toString(), Duration.ofMinutes(5));
    assertRefused(file, "was still running after 30 s and was killed", "then mount it again");
    assertThat(BED.tools().hits("blkid", file.toString())).isEqualTo(1);
    BED.tools().clear();
    client.mount("foreign", "y").orFail();
    assertThat(formats()).isEqualTo(1);
  }

  private void assertRefused(Path file, String why, String whatToDo) {
    String before = Digests.of(file);
    long formats = formats();
    String error = client.mount("foreign", "x").failed().error();
    assertThat(error).contains("volume foreign").contains(why).contains(whatToDo);
    assertThat(Digests.of(file)).as("the bytes").isEqualTo(before);
    assertThat(formats()).as("mkfs runs").isEqualTo(formats).isZero();
    assertThat(BED.volumeTraces()).isEmpty();
    assertThat(client.get("foreign").orFail().volume().path("Status").path("lastError").asText())
        .isEqualTo(error);
    assertThat(client.names()).contains("foreign");
  }

  /** Of the present volume: its file's name holds an id of its own. */
  private static long formats() {
    return BED.images("foreign").stream()
        .mapToLong(file -> BED.tools().runs("mkfs.ext4", file.toString()))
        .sum();
  }
}
