package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Berth's wall clock, as libfaketime shows it, is set back by days while it runs. */
@RequiresSystem(engine = false)
class ClockSetBackIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.berthOnly().with("BERTH_SWEEP_INTERVAL", "1s"));

  /** It looks for a change once a second. */
  private static final Duration TAKES_EFFECT = Duration.ofMillis(1_500);

  private static final String LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1";

  @BeforeEach
  void berthRunsByAClockOfItsOwn() {
    setClock("+0");
    BED.berth().stop();
    BED.berth()
        .override(
            Map.of(
                "LD_PRELOAD",
                LIBRARY,
                "FAKETIME_TIMESTAMP_FILE",
                offset().toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "BERTH_LINGER",
                "4s"));
    BED.berth().start();
  }

  @AfterAll
  static void berthStops() {
    BED.berth().stop();
    BED.berth().override(Map.of());
  }

  @Test
  void nothingLingersAndNothingIsLost() throws IOException {
    BED.client().create("late", Map.of("onRemove", "snapshot")).orFail();
    Path mounted = Path.of(BED.client().mount("late", "x").orFail().mountpoint());
    Files.writeString(mounted.resolve("file"), "kept");
    assertThat(createdAt("late")).startsWith("20");
    BED.client().unmount("late", "x").orFail();
    setClock("-30d");
    BED.awaitReleased("late");
    BED.client().create("early", Map.of()).orFail();
    assertThat(createdAt("early")).isLessThan(createdAt("late"));
    mounted = Path.of(BED.client().mount("late", "y").orFail().mountpoint());
    assertThat(mounted.resolve("file")).hasContent("kept");
    BED.client().unmount("late", "y").orFail();
    BED.awaitReleased("late");
  }

  @Test
  void aMountedVolumeCanBeUnmountedAndRemovedAtOnce() {
    BED.client().create("removed", Map.of()).orFail();
    BED.client().mount("removed", "x").orFail();
    setClock("-30d");
    BED.client().unmount("removed", "x").orFail();
    BED.client().remove("removed").orFail();
    assertThat(BED.allImages()).isEmpty();
  }

  @Test
  void theLastSnapshotOfAVolumeIsTakenThoughThereIsALaterOne() throws IOException {
    BED.client().create("twice", Map.of("onRemove", "snapshot")).orFail();
    Path mounted = Path.of(BED.client().mount("twice", "x").orFail().mountpoint());
    BED.berth().command("snapshot", "create", "twice").succeed();
    Files.writeString(mounted.resolve("file"), "written after the snapshot");
    BED.client().unmount("twice", "x").orFail();
    setClock("-30d");
    BED.client().remove("twice").orFail();
    assertThat(BED.berth().command("snapshot", "ls").succeed().lines())
        .filteredOn(line -> line.contains(" twice "))
        .hasSize(2);
  }

  private static String createdAt(String volume) {
    return BED.client().get(volume).orFail().volume().path("CreatedAt").asText();
  }

  private static void setClock(String change) {
    try {
      Files.writeString(offset(), change);
      Async.pause(TAKES_EFFECT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path offset() {
    return BED.work().resolve("clock");
  }
}
