package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.backend.block.BlockStep;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks at a volume after Berth was killed and started again, and then uses it. */
record Aftermath(Subject volume) {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final List<String> MAKERS = List.of("mkfs.ext4", "mkfs.xfs", "mkfs.btrfs");

  /**
   * Everything: nothing is lost, nothing leaked, all calls work, and nothing is left in the end.
   */
  void check() {
    awaitSettled();
    if (volume.there()) {
      use();
    } else {
      takeName();
    }
    restoreSnapshots();
    awaitSettled();
  }

  /** Waits until what is there is what has to be there, no more and no less. */
  void awaitSettled() {
    await(volume.name() + " as expected")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(this::assertSettled);
  }

  private void assertSettled() {
    TestBed bed = volume.bed();
    boolean held = !volume.ids().isEmpty();
    List<JsonNode> rows = volume.ledger().volumes(volume.name());
    assertThat(rows).as("rows").hasSize(volume.there() ? 1 : 0);
    assertThat(bed.client().names().contains(volume.name())).as("listed").isEqualTo(volume.there());
    if (volume.there()) {
      JsonNode shown = volume.inspect();
      assertThat(shown.path("state").asText()).isEqualTo("ready");
      assertThat(shown.has("owner")).as("owned: %s", shown).isEqualTo(held);
      assertThat(shown.path("holders"))
          .as("holders")
          .extracting(JsonNode::asText)
          .containsExactlyElementsOf(volume.ids());
    }
    assertThat(volume.ledger().claims(volume.name())).as("claims").hasSize(held ? 1 : 0);
    assertThat(bed.mounted(volume.name())).as("mounted").isEqualTo(held);
    assertThat(bed.attached(volume.name())).as("attached").isEqualTo(held);
    assertThat(Files.exists(bed.mountpoint(volume.name()))).as("directory").isEqualTo(held);
    assertThat(files()).as("files").hasSize(volume.there() || volume.retained() ? 1 : 0);
    rows.forEach(
        row ->
            assertThat(files().getFirst()).contains(row.at("/state/ref").asText("(no reference)")));
    assertThat(volume.snapshotIds()).as("snapshots").hasSize(volume.snapshots());
  }

  /** All files with the volume's name, complete or not. */
  private List<String> files() {
    Path directory = volume.bed().imageDirectory();
    return Files.notExists(directory)
        ? List.of()
        : list(directory).stream().filter(file -> file.startsWith(volume.name() + ".")).toList();
  }

  private void use() {
    volume.mount("after");
    assertData(volume);
    volume.write("after");
    assertSize();
    assertFormattedOnce();
    for (String id : new TreeSet<>(volume.ids())) {
      volume.unmount(id);
    }
    volume.bed().awaitReleased(volume.name());
    volume.mount("again");
    assertData(volume);
    volume.unmount("again");
    volume.remove();
  }

  private static void assertData(Subject volume) {
    volume
        .files()
        .forEach((file, text) -> assertThat(volume.data().resolve(file)).hasContent(text));
  }

  private void assertSize() {
    try {
      long size = Files.getFileStore(volume.bed().mountpoint(volume.name())).getTotalSpace();
      assertThat(size).as("size of the filesystem").isGreaterThan(volume.largerThan());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A copy never, all others once; only a crash between mkfs and the record of it makes it run
   * again, on a device that was proved blank before and cannot have been mounted since.
   */
  private void assertFormattedOnce() {
    String image = volume.images().getFirst().toString();
    long runs = MAKERS.stream().mapToLong(maker -> volume.bed().tools().runs(maker, image)).sum();
    int again = volume.endedAt(BlockStep.FILESYSTEM_MADE) ? 1 : 0;
    assertThat(runs).as("runs of mkfs").isEqualTo(volume.formats() + again);
  }

  /** A removed volume's name is free for another one, which has nothing of it. */
  private void takeName() {
    if (volume.retained()) {
      assertRetained();
    }
    Subject namesake = new Subject(volume.bed(), volume.name(), volume.data());
    namesake.create();
    namesake.mount("after");
    assertThat(volume.data()).isEmptyDirectory();
    namesake.unmount("after");
    namesake.remove();
  }

  private void assertRetained() {
    Path image = volume.images().getFirst();
    volume.files().forEach((file, text) -> assertThat(text).isEqualTo(textIn(image, file)));
    try {
      Files.delete(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    volume.forgetRetained();
  }

  private static String textIn(Path image, String file) {
    String command = "cat /_data/" + file;
    return Run.of("debugfs", "-R", command, image.toString()).succeed().out();
  }

  private static List<String> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void restoreSnapshots() {
    for (String id : volume.snapshotIds()) {
      Subject restored = Victims.BLOCK.subject(volume.bed(), volume.name() + "-restored");
      restored.create("snapshotId=" + id);
      restored.mount("after");
      assertThat(volume.bed().data(restored.name()).resolve("first"))
          .hasContent(volume.files().get("first"));
      restored.unmount("after");
      restored.remove();
      volume.deleteSnapshot();
    }
  }
}
