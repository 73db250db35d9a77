package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever Berth's root is called: volumes work there, or the start says why they would not. */
@RequiresSystem(engine = false)
class RootPathIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly().in(STORE));

  private static final Duration END = Duration.ofSeconds(60);
  private static final List<String> CLIENTS = List.of("loop", "s3fs", "rclone");

  static Stream<String> usable() {
    return Stream.of(
        "comma,",
        "a=b,ro,c",
        "with space ",
        "colon:/x",
        "back\\slash\\054\\",
        "'quo\"ted'",
        "per%cent%20",
        "-dash",
        "--",
        "\u00fcn\u00ef \u65e5\u672c \ud83d\udc0b",
        "$HOME;&|<>(){}[]*!#~`^@+ (deleted)");
  }

  private static void startIn(Path root) {
    BED.berth().stop();
    BED.berth().override(Map.of("BERTH_ROOT", root.toString(), "LC_ALL", "C", "LANG", "C"));
    BED.berth().start();
  }

  @AfterEach
  void goBack() {
    if (BED.berth().isRunning()) {
      BED.berth().stop();
    }
    BED.berth().override(Map.of());
    BED.berth().start();
  }

  @ParameterizedTest
  @MethodSource("usable")
  void volumesOfAllKindsWork(String name) throws IOException {
    Path root = BED.work().resolve(name);
    startIn(root);
    for (String kind : CLIENTS) {
      PluginClient berth = BED.client();
      berth.create(kind, options(kind)).orFail();
      Path mountpoint = Path.of(berth.mount(kind, "x").orFail().mountpoint());
      assertThat(mountpoint).startsWith(root).isDirectory();
      Files.writeString(mountpoint.resolve("f"), "kept");
      berth.unmount(kind, "x").orFail();
      await(kind + " released").until(() -> Files.notExists(root.resolve("mnt").resolve(kind)));
      Path again = Path.of(berth.mount(kind, "y").orFail().mountpoint());
      assertThat(again.resolve("f")).hasContent("kept");
    }
    BED.berth().stop();
    BED.berth().start();
    for (String kind : CLIENTS) {
      PluginClient berth = BED.client();
      await(kind + " taken up again").until(() -> status(kind).path("mounted").asBoolean());
      assertThat(status(kind).has("lastError")).isFalse();
      berth.unmount(kind, "y").orFail();
      await(kind + " removed").until(() -> berth.remove(kind).error().isEmpty());
    }
    assertThat(BED.berth().command("doctor").run().out()).doesNotContain("error");
    try (Stream<Path> mounts = Files.list(root.resolve("mnt"))) {
      assertThat(mounts).isEmpty();
    }
  }

  private static JsonNode status(String volume) {
    return BED.client().get(volume).orFail().volume().path("Status");
  }

  private static Map<String, String> options(String kind) {
    Map<String, String> options = new HashMap<>();
    options.put("backend", kind.equals("loop") ? "loop" : "s3");
    if (!kind.equals("loop")) {
      options.put("client", kind);
    }
    return options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"what?ro", "new\nline", "tab\t", "${x}"})
  void whatCannotWorkIsRefusedByTheStart(String name) {
    BED.berth().stop();
    Path root = BED.work().resolve(name);
    BED.berth().override(Map.of("BERTH_ROOT", root.toString()));
    BED.berth().launch();
    BED.berth().awaitEnd(END);
    assertThat(BED.berth().exitStatus()).isNotZero();
    assertThat(BED.berth().lastWords()).contains("berth.root");
    assertThat(root).doesNotExist();
  }

  /** A byte of Latin-1 alone, which no Java program can pass on as it is. */
  @Test
  void oneThatIsNoUtf8IsRefusedByTheStart() {
    BED.berth().stop();
    BED.berth().override(Map.of("BERTH_ROOT", BED.work().resolve("bytes").toString()));
    BED.berth()
        .through(
            "sh",
            "-c",
            "BERTH_ROOT=\"$BERTH_ROOT$(printf '\\351')\"; export BERTH_ROOT; exec \"$@\"",
            "sh");
    try {
      BED.berth().launch();
      BED.berth().awaitEnd(END);
      assertThat(BED.berth().lastWords()).contains("berth.root").contains("no UTF-8");
    } finally {
      BED.berth().through();
    }
  }
}
