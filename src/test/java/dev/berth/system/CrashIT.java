package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Schema;
import dev.berth.testing.SlowTools;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Case 55 of the checklist: Berth killed in the middle of its work, and started again. */
@RequiresSystem(engine = false)
class CrashIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(60);

  /** A volume just mounted is not removed: its container may not have begun to use it. */
  private static final Duration FRESH = Duration.ofMillis(2500);

  private final PluginClient client = BED.client();
  private final SlowTools tools = BED.tools();

  @ParameterizedTest(name = "55: killed during the first Mount, {1} {0}")
  @CsvSource({
    "losetup, before",
    "losetup, after",
    "mkfs.ext4, before",
    "mkfs.ext4, after",
    "e2fsck, before",
    "mount, before",
    "mount, after"
  })
  void case55_killedDuringFirstMount(String tool, String when) throws IOException {
    client.create("c55", Map.of()).orFail();
    crashIn(tool, when, () -> client.mount("c55", "x"));
    writeAndReadAgain("c55");
  }

  @ParameterizedTest(name = "55: killed during a later Mount, {1} {0}")
  @CsvSource({"losetup, after", "e2fsck, after", "mount, before", "mount, after"})
  void case55_killedDuringLaterMount(String tool, String when) throws IOException {
    client.create("c55", Map.of()).orFail();
    client.mount("c55", "w").orFail();
    Files.writeString(BED.data("c55").resolve("first"), "precious");
    client.unmount("c55", "w").orFail();
    BED.awaitReleased("c55");
    crashIn(tool, when, () -> client.mount("c55", "x"));
    writeAndReadAgain("c55");
    client.mount("c55", "z").orFail();
    assertThat(Files.readString(BED.data("c55").resolve("first"))).isEqualTo("precious");
    assertThat(tools.runs("mkfs.ext4", BED.images("c55").getFirst().toString())).isEqualTo(1);
  }

  @ParameterizedTest(name = "55: killed during Remove, {1} {0}")
  @CsvSource({"umount, before", "umount, after", "losetup, before", "losetup, after"})
  void case55_killedDuringRemove(String tool, String when) {
    client.create("c55", Map.of()).orFail();
    client.mount("c55", "x").orFail();
    Async.pause(FRESH);
    crashIn(tool, when, () -> client.remove("c55"));
    await().atMost(LIMIT).until(() -> client.remove("c55").error().isEmpty());
    client.get("c55").failed();
    BED.awaitReleased("c55");
    assertThat(BED.images("c55")).isEmpty();
  }

  @ParameterizedTest(name = "55: killed during the Create of a clone, {0} the copy")
  @CsvSource({"before", "after"})
  void case55_killedDuringClone(String when) throws IOException {
    client.create("c55", Map.of()).orFail();
    client.mount("c55", "x").orFail();
    Files.writeString(BED.data("c55").resolve("first"), "precious");
    client.unmount("c55", "x").orFail();
    BED.awaitReleased("c55");
    Map<String, String> options = Map.of("sourceVolume", "c55");
    crashIn("cp", when, () -> client.create("c55-clone", options));
    client.create("c55-clone", options).orFail();
    client.mount("c55-clone", "y").orFail();
    assertThat(Files.readString(BED.data("c55-clone").resolve("first"))).isEqualTo("precious");
    assertThat(BED.images("c55-clone")).hasSize(1);
  }

  /** A mkfs that outlives Berth and comes to its work late must not hurt. */
  @Test
  @DisplayName("55: killed alone; the mkfs it started goes on")
  void case55_orphanedTool() throws IOException {
    client.create("c55", Map.of()).orFail();
    tools.delayBefore("mkfs.ext4", "/c55.", Duration.ofSeconds(3));
    Future<Reply> caller = Async.start(() -> client.mount("c55", "x"));
    await().atMost(LIMIT).until(() -> tools.hits("mkfs.ext4", "/c55.") == 1);
    BED.berth().kill();
    tools.clear();
    assertThat(lost(caller)).isTrue();
    BED.berth().start();
    await().atMost(LIMIT).until(() -> client.mount("c55", "y").error().isEmpty());
    Files.writeString(BED.data("c55").resolve("f"), "precious");
    Async.pause(Duration.ofSeconds(4));
    client.unmount("c55", "y").orFail();
    client.unmount("c55", "x").orFail();
    BED.awaitReleased("c55");
    client.mount("c55", "z").orFail();
    assertThat(Files.readString(BED.data("c55").resolve("f"))).isEqualTo("precious");
  }

  /** What was answered is true afterwards; what was not is finished or undone. */
  @RepeatedTest(value = 3, name = "55: killed at any moment, round {currentRepetition}")
  void case55_killedAnytime() {
    Queue<String> made = new ConcurrentLinkedQueue<>();
    Queue<String> removed = new ConcurrentLinkedQueue<>();
    List<Future<?>> workers =
        IntStream.range(0, 4)
            .<Future<?>>mapToObj(worker -> Async.start(() -> work(worker, made, removed)))
            .toList();
    await().atMost(LIMIT).until(() -> removed.size() > 2);
    BED.berth().killWithChildren();
    workers.forEach(worker -> Async.get(worker, LONG));
    BED.berth().start();
    List<String> names = client.names();
    assertThat(names).doesNotHaveDuplicates().doesNotContainAnyElementsOf(removed);
    made.removeAll(removed);
    for (String name : made) {
      assertThat(names.contains(name) || name.startsWith("removing-")).as(name).isTrue();
    }
    for (String name : names) {
      if (made.contains(name)) {
        client.get(name).orFail();
      }
      await().atMost(LIMIT).until(() -> client.remove(name).error().isEmpty());
    }
    await().atMost(LIMIT).until(() -> BED.volumeTraces().isEmpty());
    assertThat(BED.allImages()).isEmpty();
  }

  /** Makes, mounts and removes volumes until Berth is gone. */
  private Void work(int worker, Queue<String> made, Queue<String> removed) {
    for (int number = 0; ; number++) {
      String kept = "kept-%d-%d".formatted(worker, number);
      String passing = "removing-%d-%d".formatted(worker, number);
      try {
        client.create(kept, Map.of()).orFail();
        made.add(kept);
        client.create(passing, Map.of()).orFail();
        client.mount(passing, "x").orFail();
        client.unmount(passing, "x").orFail();
        client.remove(passing).orFail();
        removed.add(passing);
      } catch (UncheckedIOException e) {
        return null;
      }
    }
  }

  private void crashIn(String tool, String when, Callable<Reply> call) {
    if (when.equals("before")) {
      tools.delayBefore(tool, "", LONG);
    } else {
      tools.delayAfter(tool, "", LONG);
    }
    Future<Reply> caller = Async.start(call);
    await().atMost(LIMIT).until(() -> tools.hits(tool, "") > 0);
    Async.pause(Duration.ofMillis(300));
    BED.berth().killWithChildren();
    tools.clear();
    assertThat(lost(caller)).as("the call was answered before the crash").isTrue();
    BED.berth().start();
  }

  private static boolean lost(Future<Reply> caller) {
    try {
      Async.get(caller, LIMIT);
      return false;
    } catch (AssertionError e) {
      return e.getCause() instanceof UncheckedIOException;
    }
  }

  private void writeAndReadAgain(String volume) throws IOException {
    Schema.checkVolume(client.get(volume).orFail().volume(), volume, BED.data(volume));
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(client.mount(volume, "y").error()).isEmpty());
    Files.writeString(BED.data(volume).resolve("f"), "kept");
    client.unmount(volume, "y").orFail();
    client.unmount(volume, "x").orFail();
    BED.awaitReleased(volume);
    client.mount(volume, "y").orFail();
    assertThat(Files.readString(BED.data(volume).resolve("f"))).isEqualTo("kept");
    client.unmount(volume, "y").orFail();
    BED.awaitReleased(volume);
  }
}
