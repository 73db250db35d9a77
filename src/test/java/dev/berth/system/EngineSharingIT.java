package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several containers on one volume. */
@Tag("any-backend")
@RequiresSystem
class EngineSharingIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().recordingCalls());

  private final Containers containers = BED.containers();

  @Test
  @DisplayName("43: stopping one of two containers leaves the other one its data")
  void case43_twoContainers() {
    containers.start("c43-a", "c43");
    containers.start("c43-b", "c43");
    containers.exec("c43-a", "echo from-a > /m/a");
    containers.stop("c43-a");
    assertThat(containers.exec("c43-b", "echo from-b > /m/b; cat /m/a").text()).isEqualTo("from-a");
    assertThat(containers.run("c43", "cat /m/a /m/b").lines()).containsExactly("from-a", "from-b");
    assertThat(containers.exec("c43-b", "cat /m/b").text()).isEqualTo("from-b");
    containers.stop("c43-b");
    BED.awaitReleased("c43");
  }

  @Test
  @DisplayName("44: eight runs at once on a new volume share one filesystem")
  void case44_eightRunsAtOnce() {
    List<Future<Output>> runs =
        IntStream.range(0, 8)
            .mapToObj(
                number ->
                    Async.start(() -> containers.run("c44", "echo x > /m/%d".formatted(number))))
            .toList();
    runs.forEach(run -> Async.get(run, Duration.ofSeconds(60)));
    assertThat(containers.run("c44", "ls /m").lines())
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7");
    assertThat(BED.tools().runs("mkfs.ext4", "/c44.")).isEqualTo(1);
    assertThat(BED.proxy().calls("Mount", "c44"))
        .hasSizeGreaterThanOrEqualTo(8)
        .allSatisfy(
            call ->
                assertThat(call.reply().orFail().mountpoint())
                    .isEqualTo(BED.data("c44").toString()));
    BED.awaitReleased("c44");
  }

  @Test
  @DisplayName("Remove under a live container is refused by ground truth; its data is safe")
  void removeUnderALiveContainer() throws IOException {
    containers.start("live-user", "live");
    containers.exec("live-user", "echo precious > /m/f");
    String id = BED.proxy().calls("Mount", "live").getFirst().id();
    BED.client().unmount("live", id).orFail();
    for (int tries = 0; tries < 3; tries++) {
      assertThat(BED.client().remove("live").failed().error()).contains("live");
    }
    assertThat(containers.exec("live-user", "echo more >> /m/f; cat /m/f").lines())
        .containsExactly("precious", "more");
    assertThat(Files.exists(BED.images("live").getFirst())).isTrue();
    assertThat(containers.run("live", "cat /m/f").lines()).containsExactly("precious", "more");
    containers.remove("live-user");
    BED.engine().docker("volume", "rm", "live");
    assertThat(BED.images("live")).isEmpty();
  }

  @Test
  @DisplayName("One volume at two places of a container is mounted twice and let go once")
  void twoDestinations() {
    containers.start("two-user", "two", "--volume", "two:/again");
    assertThat(containers.exec("two-user", "echo both > /m/f; cat /again/f").text())
        .isEqualTo("both");
    containers.stop("two-user");
    BED.awaitReleased("two");
    assertThat(BED.proxy().count("Mount", "two")).isEqualTo(2);
    assertThat(BED.proxy().count("Unmount", "two")).isEqualTo(2);
  }
}
