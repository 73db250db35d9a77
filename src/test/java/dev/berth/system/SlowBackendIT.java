package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tools that take their time, and a limit that is soon reached. */
@RequiresSystem
class SlowBackendIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.withEngine().with("BERTH_LIMITS_LONG_CALL", "8s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Containers containers = BED.containers();

  @Test
  @DisplayName("45: twenty runs on twenty volumes go on at once, and Get and List stay fast")
  void case45_twentyVolumesAtOnce() {
    BED.tools().delayBefore("mkfs.ext4", "/c45-", Duration.ofSeconds(3));
    long started = System.nanoTime();
    List<Future<Output>> runs =
        IntStream.range(0, 20)
            .mapToObj(number -> Async.start(() -> containers.run("c45-" + number, "echo x > /m/f")))
            .toList();
    await().atMost(LIMIT).until(() -> BED.tools().hits("mkfs.ext4", "/c45-") > 0);
    List<Long> millis = new ArrayList<>();
    for (int asked = 0; asked < 40; asked++) {
      long asking = System.nanoTime();
      BED.client().get("c45-" + asked % 20);
      BED.client().names();
      millis.add((System.nanoTime() - asking) / 2_000_000);
      Async.pause(Duration.ofMillis(25));
    }
    runs.forEach(run -> Async.get(run, LIMIT));
    assertThat(BED.tools().hits("mkfs.ext4", "/c45-")).isEqualTo(20);
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .as("20 times 3 s, one after the other, would be a minute")
        .isLessThan(Duration.ofSeconds(40));
    millis.sort(null);
    assertThat(millis.get(millis.size() / 2)).as("median of %s", millis).isLessThan(100);
  }

  @Test
  @DisplayName("46: a slow Mount holds up no other volume, and a second container just waits")
  void case46_slowMountBlocksNothing() {
    containers.create("c46");
    BED.tools().delayBefore("mkfs.ext4", "/c46.", Duration.ofSeconds(5));
    Future<Output> first = Async.start(() -> containers.run("c46", "echo first > /m/f"));
    await().atMost(LIMIT).until(() -> BED.tools().hits("mkfs.ext4", "/c46.") == 1);
    Future<Output> second = Async.start(() -> containers.run("c46", "ls /m"));
    long started = System.nanoTime();
    containers.inspect("c46", "{{.Status}}");
    BED.engine().docker("volume", "ls", "--filter", "driver=" + BED.driver());
    containers.create("c46-other");
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
    assertThat(first.isDone() || second.isDone()).isFalse();
    Async.get(first, LIMIT);
    Async.get(second, LIMIT);
    assertThat(BED.tools().runs("mkfs.ext4", "/c46.")).isEqualTo(1);
  }

  @Test
  @DisplayName("47: a Mount longer than its limit is answered in time, and a later one succeeds")
  void case47_mountOverTheLimit() {
    containers.create("c47");
    BED.tools().delayBefore("mkfs.ext4", "/c47.", Duration.ofSeconds(14));
    long started = System.nanoTime();
    Output failed = containers.tryRun("c47", "true");
    assertThat(failed.succeeded()).isFalse();
    assertThat(failed.err()).contains("c47");
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isBetween(Duration.ofSeconds(6), Duration.ofSeconds(12));
    await().atMost(LIMIT).until(() -> BED.tools().runs("mount", "/c47.") > 0);
    containers.run("c47", "echo x > /m/f");
    assertThat(BED.tools().runs("mkfs.ext4", "/c47.")).isEqualTo(1);
    BED.awaitReleased("c47");
  }
}
