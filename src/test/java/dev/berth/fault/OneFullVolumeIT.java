package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A container fills the host's disk through a sparse volume: the others' volumes are let go of, and
 * {@code docker volume rm} makes room.
 */
@Rule(17)
@RequiresSystem
class OneFullVolumeIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine()
              .onItsOwnDisk()
              .with("BERTH_DEFAULTS_SIZE", "64MiB")
              .with("BERTH_SWEEP_INTERVAL", "1s"));

  private static final String FILL = "dd if=/dev/zero of=/m/f bs=1M count=600; sync; true";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long MIB = 1 << 20;

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  @BeforeEach
  void ballastIsThere() {
    await("space kept for the ledger")
        .until(() -> Files.exists(BED.root().resolve("ledger.db-reserve")));
  }

  private static long free() throws IOException {
    return Files.getFileStore(BED.root()).getUsableSpace();
  }

  private void fill() throws IOException {
    containers.create("full", "size=2GiB");
    containers.start("filler", "full");
    containers.exec("filler", FILL);
    assertThat(free()).isLessThan(MIB);
  }

  @Test
  @DisplayName("The volume that filled the disk goes by docker volume rm, at the first try")
  void theFullVolumeIsRemoved() throws IOException {
    containers.create("unused");
    containers.start("other", "neighbour");
    fill();
    Output refused = containers.tryCreate("next");
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.err())
        .contains("volume next")
        .contains(BED.root().toString())
        .contains("no space left")
        .contains("docker volume rm");
    assertThat(containers.tryRun("unused", "true").err()).contains("no space left");
    containers.start("another", "neighbour");
    containers.remove("another");
    containers.remove("other");
    await().untilAsserted(() -> assertThat(holders("neighbour")).isEmpty());
    containers.remove("filler");
    engine.docker("volume", "rm", "full");
    assertThat(BED.images("full")).isEmpty();
    assertThat(free()).isGreaterThan(100 * MIB);
    containers.create("next");
    containers.run("next", "echo works > /m/x");
    containers.run("unused", "echo works > /m/x");
  }

  @Test
  @DisplayName("Another one goes too, while the full one is in use and goes on writing")
  void anotherVolumeIsRemoved() throws IOException {
    containers.create("idle");
    containers.run("idle", "dd if=/dev/zero of=/m/f bs=1M count=20; sync");
    BED.awaitReleased("idle");
    containers.create("full", "size=2GiB");
    containers.startWith(
        "filler", "full", "i=0; while :; do dd if=/dev/zero of=/m/f$i bs=1M; i=$((i+1)); done");
    await().until(() -> free() < MIB);
    engine.docker("volume", "rm", "idle");
    assertThat(BED.images("idle")).isEmpty();
    containers.remove("filler");
    engine.docker("volume", "rm", "full");
    assertThat(BED.allImages()).isEmpty();
  }

  @Test
  @DisplayName("Berth starts on the full disk, and removes there")
  void berthStartsOnAFullDisk() throws IOException {
    fill();
    containers.remove("filler");
    BED.awaitReleased("full");
    BED.berth().stop();
    BED.disk().fill();
    BED.berth().start();
    engine.docker("volume", "rm", "full");
    assertThat(BED.allImages()).isEmpty();
  }

  @Test
  @DisplayName("The doctor and readiness name the disk, as long as it is so")
  void doctorAndReadiness() {
    BED.disk().fill(20 * MIB);
    assertThat(BED.berth().command("doctor").run().out())
        .contains("space")
        .contains("no space left")
        .contains(BED.root().toString());
    await("readiness looks once in five seconds")
        .atMost(LIMIT)
        .until(() -> BED.berth().ready().contains("no space left"));
    assertThat(BED.berth().ready()).contains("\"DOWN\"");
    BED.disk().empty();
    assertThat(BED.berth().command("doctor").run().out()).doesNotContain("no space left");
    await().atMost(LIMIT).until(() -> !BED.berth().ready().contains("\"DOWN\""));
  }

  @Test
  @DisplayName("preallocate=true: the file has its space from the start, and keeps it")
  void preallocated() throws IOException {
    Output refused = containers.tryCreate("large", "size=1GiB", "preallocate=true");
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.err()).contains("volume large").contains("preallocate");
    assertThat(BED.allImages()).isEmpty();
    containers.create("whole", "size=48MiB", "preallocate=true");
    assertThat(allocated("whole")).isGreaterThanOrEqualTo(48 * MIB);
    containers.start("writer", "whole");
    assertThat(allocated("whole")).isGreaterThanOrEqualTo(48 * MIB);
    fill();
    containers.exec("writer", "dd if=/dev/zero of=/m/f bs=1M count=32 conv=fsync");
    containers.remove("filler");
    engine.docker("volume", "rm", "full");
    containers.remove("writer");
    BED.awaitReleased("whole");
    BED.berth().command("grow", "whole", "96MiB").succeed();
    assertThat(allocated("whole")).isGreaterThanOrEqualTo(96 * MIB);
    Output tooLarge = BED.berth().command("grow", "whole", "1GiB").run();
    assertThat(tooLarge.succeeded()).isFalse();
    assertThat(tooLarge.err()).contains("volume whole").contains("preallocate");
    assertThat(Files.size(BED.images("whole").getFirst())).isEqualTo(96 * MIB);
    containers.run("whole", "ls /m/f");
    engine.docker("volume", "rm", "whole");
  }

  @Test
  @DisplayName("preallocate=true holds for clones and for what is restored from a snapshot")
  void preallocatedCopies() throws IOException {
    containers.create("sparse", "size=32MiB");
    containers.run("sparse", "echo kept > /m/x");
    String snapshot = BED.berth().command("snapshot", "create", "sparse").succeed().text();
    containers.create("clone", "sourceVolume=sparse", "preallocate=true");
    containers.create("restored", "snapshotId=" + id(snapshot), "preallocate=true");
    for (String copy : List.of("clone", "restored")) {
      assertThat(allocated(copy)).isGreaterThanOrEqualTo(32 * MIB);
      assertThat(containers.run(copy, "cat /m/x").text()).isEqualTo("kept");
    }
    BED.berth().command("snapshot", "rm", id(snapshot)).succeed();
  }

  private static String id(String text) {
    int start = text.indexOf("snap-");
    return text.substring(start).split("\\s", -1)[0];
  }

  private static long allocated(String volume) throws IOException {
    return dev.berth.testing.Run.of("stat", "--format=%b", BED.images(volume).getFirst().toString())
            .succeed()
            .lines()
            .stream()
            .mapToLong(Long::parseLong)
            .sum()
        * 512;
  }

  private static List<String> holders(String volume) {
    JsonNode status = BED.client().get(volume).orFail().volume().path("Status");
    return status.path("holders").valueStream().map(JsonNode::asText).toList();
  }
}
