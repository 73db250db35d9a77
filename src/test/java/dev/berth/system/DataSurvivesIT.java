package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever dies, what a container has written is there afterwards. */
@Tag("any-backend")
@RequiresSystem
class DataSurvivesIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().with("BERTH_LINGER", "1s"));

  /** Appends numbers that go on from the last one written; ends on the first failure. */
  private static final String COUNTING =
      "trap 'exit 0' TERM; i=$(cat /m/log 2>/dev/null | wc -l); while :; do i=$((i+1)); echo $i >>"
          + " /m/log || exit 9; usleep 20000; done";

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  @Test
  @DisplayName("Data survives the end of a container")
  void containerEnds() {
    containers.run("ends", "echo kept > /m/f");
    BED.awaitReleased("ends");
    assertThat(containers.run("ends", "cat /m/f").text()).isEqualTo("kept");
  }

  @Test
  @DisplayName("Data survives docker restart")
  void containerRestarted() {
    count("restarted");
    engine.docker("restart", "--time", "0", "restarted-user");
    finish("restarted", written("restarted"));
  }

  @Test
  @DisplayName("Berth killed and started again: a container that writes notices nothing")
  void berthKilled() {
    count("berth-killed");
    String pid = pid("berth-killed");
    BED.berth().kill();
    int meanwhile = written("berth-killed");
    awaitWritten("berth-killed", meanwhile + 10);
    BED.berth().start();
    awaitWritten("berth-killed", written("berth-killed") + 10);
    assertThat(pid("berth-killed")).isEqualTo(pid);
    finish("berth-killed", meanwhile);
  }

  @Test
  @DisplayName("The engine killed and started again: nothing written is lost")
  void engineKilled() {
    count("engine-killed");
    int before = written("engine-killed");
    engine.kill();
    engine.start();
    engine.docker("start", "engine-killed-user");
    finish("engine-killed", before);
  }

  @Test
  @DisplayName("Engine and Berth killed together and started again: nothing written is lost")
  void bothKilled() {
    count("both-killed");
    int before = written("both-killed");
    engine.kill();
    BED.berth().kill();
    BED.berth().start();
    engine.start();
    engine.docker("start", "both-killed-user");
    finish("both-killed", before);
  }

  private void count(String volume) {
    containers.startWith(volume + "-user", volume, COUNTING);
    awaitWritten(volume, 10);
  }

  private int written(String volume) {
    return Integer.parseInt(containers.exec(volume + "-user", "wc -l < /m/log").text());
  }

  private void awaitWritten(String volume, int lines) {
    await().atMost(Duration.ofSeconds(60)).until(() -> written(volume) >= lines);
  }

  private String pid(String volume) {
    return engine.docker("inspect", "--format", "{{.State.Pid}}", volume + "-user").text();
  }

  /** Lets the writer go on a while, ends it, and reads all it wrote in another container. */
  private void finish(String volume, int before) {
    awaitWritten(volume, before + 10);
    containers.remove(volume + "-user");
    BED.awaitReleased(volume);
    List<String> lines = containers.run(volume, "cat /m/log").lines();
    assertThat(lines)
        .hasSizeGreaterThanOrEqualTo(before)
        .isEqualTo(IntStream.rangeClosed(1, lines.size()).mapToObj(Integer::toString).toList());
  }
}
