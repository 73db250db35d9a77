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
import java.util.stream.Stream;

/** Looks at a volume after Berth was killed and started again, and then uses it. */
final class Aftermath {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final List<String> MAKERS = List.of("mkfs.ext4", "mkfs.xfs", "mkfs.btrfs");

  private final Subject volume;
  private final Expected expected;
  private final TestBed bed;

  Aftermath(Subject volume) {
    this.volume = volume;
    expected = volume.expected();
    bed = volume.bed();
  }

  /**
   * Everything: nothing is lost, nothing leaked, all calls work, and nothing is left in the end.
   */
  void check() {
    awaitSettled();
    if (expected.there()) {
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
    boolean there = expected.there();
    boolean held = !expected.ids().isEmpty();
    List<JsonNode> rows = volume.ledger().volumes(volume.name());
    assertThat(rows).as("rows").hasSize(there ? 1 : 0);
    assertThat(bed.client().names().contains(volume.name())).as("listed").isEqualTo(there);
    if (there) {
      assertReady(held);
    }
    assertThat(volume.ledger().claims(volume.name())).as("claims").hasSize(held ? 1 : 0);
    assertThat(bed.mounted(volume.name())).as("mounted").isEqualTo(held);
    assertThat(bed.attached(volume.name())).as("attached").isEqualTo(held);
    assertThat(Files.exists(bed.mountpoint(volume.name()))).as("directory").isEqualTo(held);
    assertThat(files()).as("files").hasSize(there || expected.retained() ? 1 : 0);
    for (JsonNode row : rows) {
      String image = "%s.%s.img".formatted(volume.name(), row.path("id").asText());
      assertThat(files()).as("files").containsExactly(image);
    }
    assertThat(volume.snapshotIds()).as("snapshots").hasSize(expected.snapshots());
  }

  private void assertReady(boolean held) {
    JsonNode shown = volume.inspect();
    assertThat(shown.path("state").asText()).isEqualTo("ready");
    assertThat(shown.has("owner")).as("owned: %s", shown).isEqualTo(held);
    assertThat(shown.path("holders"))
        .as("holders")
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrderElementsOf(expected.ids());
  }

  /** All files with the volume's name, complete or not. */
  private List<String> files() {
    Path directory = bed.root().resolve("loop");
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(file -> file.startsWith(volume.name() + "."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void use() {
    volume.mount("after");
    assertData();
    volume.write("after");
    assertSize();
    assertFormattedOnce();
    expected.ids().forEach(volume::unmount);
    bed.awaitReleased(volume.name());
    volume.mount("again");
    assertData();
    volume.unmount("again");
    volume.remove();
  }

  private void assertData() {
    Path directory = bed.data(volume.name());
    expected.files().forEach((file, text) -> assertThat(directory.resolve(file)).hasContent(text));
  }

  private void assertSize() {
    try {
      long size = Files.getFileStore(bed.mountpoint(volume.name())).getTotalSpace();
      assertThat(size).as("size of the filesystem").isGreaterThan(expected.largerThan());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A copy never, all others once; only a crash between mkfs and the record of it makes it run
   * again, on a device that was proved blank before and cannot have been mounted since.
   */
  private void assertFormattedOnce() {
    String image = bed.images(volume.name()).getFirst().toString();
    long runs = MAKERS.stream().mapToLong(maker -> bed.tools().runs(maker, image)).sum();
    int again = expected.endedAt(BlockStep.FILESYSTEM_MADE) ? 1 : 0;
    assertThat(runs).as("runs of mkfs").isEqualTo(expected.formats() + again);
  }

  /** A removed volume's name is free for another one, which has nothing of it. */
  private void takeName() {
    if (expected.retained()) {
      assertRetained();
    }
    Subject namesake = new Subject(bed, volume.name());
    namesake.create();
    namesake.mount("after");
    assertThat(bed.data(volume.name())).isEmptyDirectory();
    namesake.unmount("after");
    namesake.remove();
  }

  private void assertRetained() {
    Path image = bed.images(volume.name()).getFirst();
    expected.files().forEach((file, text) -> assertThat(textIn(image, file)).isEqualTo(text));
    try {
      Files.delete(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    expected.isNotRetained();
  }

  private static String textIn(Path image, String file) {
    String command = "cat /_data/" + file;
    return Run.of("debugfs", "-R", command, image.toString()).succeed().out();
  }

  private void restoreSnapshots() {
    for (String id : volume.snapshotIds()) {
      Subject restored = new Subject(bed, volume.name() + "-restored");
      restored.create("snapshotId=" + id);
      restored.mount("after");
      assertThat(bed.data(restored.name()).resolve("first"))
          .hasContent(expected.files().get("first"));
      restored.unmount("after");
      restored.remove();
      volume.deleteSnapshot();
    }
  }
}
