package dev.berth.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Containers run, one after the other, on a volume that stays and on new ones that are removed
 * again, for {@code berth.soak.seconds}; {@code make soak} sets it. The first third of the time is
 * a warm-up: classes, compiled code, threads and the ledger's log come to their size.
 */
@RequiresSystem
class SoakIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine()
              .with("BERTH_DEFAULTS_SIZE", "16MiB")
              .with("BERTH_SWEEP_INTERVAL", "5s"));

  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("berth.soak.seconds", 45));
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Containers containers = BED.containers();
  private int runs;

  @Test
  @DisplayName("Containers run in a loop: what Berth uses is the same before and after")
  void containersInALoop() {
    containers.create("kept");
    Instant start = Instant.now();
    runUntil(start.plus(LENGTH.dividedBy(3)));
    int warmUp = runs;
    Footprint before = quietFootprint();
    runUntil(start.plus(LENGTH));
    Footprint after = footprintLike(before);
    System.out.printf(
        "soak: %d container runs in %d s, after %d as a warm-up%n%s",
        runs - warmUp,
        Duration.between(start, Instant.now()).toSeconds(),
        warmUp,
        Footprint.table(before, after));
    assertThat(after.growthSince(before, Footprint.ALLOWANCES)).isEmpty();
    assertThat(containers.run("kept", "wc -l < /m/log").text()).isEqualTo("" + runs / 2);
  }

  private void runUntil(Instant end) {
    do {
      containers.run("kept", "echo %d >> /m/log".formatted(runs));
      String passing = "passing-" + runs;
      assertThat(containers.run(passing, "echo there > /m/f; cat /m/f").text()).isEqualTo("there");
      BED.engine().docker("volume", "rm", passing);
      runs += 2;
    } while (Instant.now().isBefore(end));
  }

  /** What is given back late has some minutes for it; the last look in any case. */
  private static Footprint footprintLike(Footprint before) {
    Footprint after = quietFootprint();
    for (Instant end = Instant.now().plus(PATIENCE);
        Instant.now().isBefore(end) && !after.growthSince(before, Footprint.ALLOWANCES).isEmpty();
        after = quietFootprint()) {
      Async.pause(Duration.ofSeconds(1));
    }
    return after;
  }

  /** When nothing is mounted any more. */
  private static Footprint quietFootprint() {
    await().atMost(LIMIT).until(() -> BED.volumeTraces().isEmpty());
    await().atMost(LIMIT).until(() -> BED.berth().metric("berth_operations") == 0);
    return Footprint.of(BED);
  }
}
