package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

/** Looks at a volume in S3 after Berth was killed and started again, and then uses it. */
record S3Aftermath(Subject volume) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  void check() {
    awaitSettled();
    if (volume.there()) {
      use();
      awaitSettled();
    }
  }

  /** Waits until what is there is what has to be there: one client if it is held, else none. */
  private void awaitSettled() {
    await(volume.name() + " as expected")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(this::assertSettled);
  }

  private void assertSettled() {
    TestBed bed = volume.bed();
    boolean held = !volume.ids().isEmpty();
    List<JsonNode> rows = volume.ledger().volumes(volume.name());
    assertThat(rows).as("rows").hasSize(volume.there() ? 1 : 0);
    assertThat(bed.client().names().contains(volume.name())).as("listed").isEqualTo(volume.there());
    assertThat(bed.mounted(volume.name())).as("mounted").isEqualTo(held);
    assertThat(Files.exists(bed.mountpoint(volume.name()))).as("directory").isEqualTo(held);
    assertThat(volume.ledger().claims(volume.name())).as("claims").hasSize(held ? 1 : 0);
    for (JsonNode row : rows) {
      Path state = bed.root().resolve("s3").resolve(row.path("id").asText("(no id)"));
      assertThat(Files.exists(state)).as("state").isEqualTo(held);
      assertThat(clients(bed, state)).as("clients").hasSize(held ? 1 : 0);
      assertThat(stagingMounts(bed, state)).as("mounts of clients").isEmpty();
      JsonNode shown = volume.inspect();
      assertThat(shown.path("state").asText()).isEqualTo("ready");
      assertThat(shown.path("holders"))
          .as("holders")
          .extracting(JsonNode::asText)
          .containsExactlyElementsOf(volume.ids());
    }
    if (held) {
      assertData();
    }
  }

  private static List<String> clients(TestBed bed, Path state) {
    return new Traces(bed.root())
        .processes().values().stream().filter(line -> line.contains(state + "/")).toList();
  }

  private static List<String> stagingMounts(TestBed bed, Path state) {
    return new Traces(bed.root())
        .mounts().stream().filter(mount -> mount.startsWith(state + "/mount.")).toList();
  }

  private void assertData() {
    volume
        .files()
        .forEach((file, text) -> assertThat(volume.data().resolve(file)).hasContent(text));
  }

  private void use() {
    volume.mount("after");
    assertData();
    volume.write("after");
    for (String id : new TreeSet<>(volume.ids())) {
      volume.unmount(id);
    }
    volume.bed().awaitReleased(volume.name());
    volume.mount("again");
    assertData();
    volume.unmount("again");
    volume.remove();
  }
}
