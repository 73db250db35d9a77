package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tools that are held until the test lets them go on: what ends before that did not wait. */
@Rule(2)
@RequiresSystem
class SlowBackendIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Containers containers = BED.containers();

  @Test
  @DisplayName("45: twenty runs on twenty volumes go on at once, and Get and List do not wait")
  void case45_twentyVolumesAtOnce() {
    BED.tools().hold("mkfs.ext4", "/c45-");
    List<Future<Output>> runs =
        IntStream.range(0, 20)
            .mapToObj(number -> Async.start(() -> containers.run("c45-" + number, "echo x > /m/f")))
            .toList();
    await().atMost(LIMIT).until(() -> BED.tools().hits("mkfs.ext4", "/c45-") == 20);
    for (int number = 0; number < 20; number++) {
      BED.client().get("c45-" + number).orFail();
    }
    assertThat(BED.client().names()).hasSize(20);
    assertThat(runs).noneMatch(Future::isDone);
    BED.tools().clear("/c45-");
    runs.forEach(run -> Async.get(run, LIMIT));
    assertThat(BED.tools().runs("mkfs.ext4", "/c45-")).isEqualTo(20);
  }

  @Test
  @DisplayName(
      "A volume that is just being created holds up no list, and a repeated create joins it")
  void aCreateHoldsUpNoList() {
    containers.create("ls-source");
    containers.run("ls-source", "echo x > /m/f");
    BED.tools().hold("cp", "/ls-source.");
    Map<String, String> options = Map.of("sourceVolume", "ls-source");
    Future<Output> create =
        Async.start(
            () ->
                BED.engine()
                    .docker(
                        "volume",
                        "create",
                        "--driver",
                        BED.driver(),
                        "--opt",
                        "sourceVolume=ls-source",
                        "ls-slow"));
    await().atMost(LIMIT).until(() -> BED.tools().hits("cp", "/ls-source.") == 1);
    Future<Output> listed = Async.start(() -> BED.engine().docker("volume", "ls", "--quiet"));
    assertThat(Async.get(listed, LIMIT).lines()).contains("ls-source").doesNotContain("ls-slow");
    assertThat(BED.client().names()).contains("ls-source").doesNotContain("ls-slow");
    assertThat(BED.client().get("ls-slow").error()).contains("no such volume: ls-slow");
    Future<Reply> joins = Async.start(() -> BED.client().create("ls-slow", options));
    assertThat(create.isDone() || joins.isDone()).as("still being created").isFalse();
    BED.tools().clear("/ls-source.");
    Async.get(create, LIMIT);
    Async.get(joins, LIMIT).orFail();
    assertThat(BED.engine().docker("volume", "ls", "--quiet").lines()).contains("ls-slow");
    assertThat(BED.tools().runs("cp", "/ls-source.")).as("copied once").isEqualTo(1);
  }

  @Test
  @DisplayName("46: a slow Mount holds up no other volume, and a second container just waits")
  void case46_slowMountBlocksNothing() {
    containers.create("c46");
    BED.tools().hold("mkfs.ext4", "/c46.");
    Future<Output> first = Async.start(() -> containers.run("c46", "echo first > /m/f"));
    await().atMost(LIMIT).until(() -> BED.tools().hits("mkfs.ext4", "/c46.") == 1);
    Future<Output> second = Async.start(() -> containers.run("c46", "ls /m"));
    containers.inspect("c46", "{{.Status}}");
    BED.engine().docker("volume", "ls", "--filter", "driver=" + BED.driver());
    containers.run("c46-other", "echo other > /m/f");
    assertThat(first.isDone() || second.isDone()).isFalse();
    BED.tools().clear("/c46.");
    Async.get(first, LIMIT);
    Async.get(second, LIMIT);
    assertThat(BED.tools().runs("mkfs.ext4", "/c46.")).isEqualTo(1);
  }
}
