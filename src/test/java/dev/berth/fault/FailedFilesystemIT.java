package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.FilesystemFailure;
import dev.berth.testing.Namespaces;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filesystems, and files behind them, that fail under running containers. */
@RequiresSystem
class FailedFilesystemIT {
  /** The linger is as long as that of a container that is restarted again and again. */
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine().with("BERTH_SWEEP_INTERVAL", "1s").with("BERTH_LINGER", "30s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Containers containers = BED.containers();

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("A filesystem that failed is told, handed to nobody, and mounted anew when free")
  void aFailedFilesystem(FilesystemFailure failure) {
    String volume = failure.name().toLowerCase(Locale.ROOT);
    String user = volume + "-user";
    containers.create(volume);
    containers.start(user, volume);
    containers.exec(user, "echo precious > /m/f; sync");
    failure.bringAbout(BED.mountpoint(volume));
    assertThat(BED.engine().tryDocker("exec", user, "sh", "-c", "echo x > /m/g").succeeded())
        .isFalse();
    await("told without a mount")
        .atMost(LIMIT)
        .until(() -> lastError(volume).contains("its filesystem on"));
    for (int round = 0; round < 3; round++) {
      Output next = containers.tryRun(volume, "echo x > /m/g");
      assertThat(next.succeeded()).isFalse();
      assertThat(next.err())
          .contains("volume " + volume + " cannot be used")
          .contains("as long as it is used")
          .contains(id(user).substring(0, 12));
    }
    BED.engine().docker("restart", "--time", "5", user);
    assertThat(containers.exec(user, "cat /m/f").text()).isEqualTo("precious");
    containers.exec(user, "echo again > /m/g; sync");
    assertThat(lastError(volume)).isEmpty();
  }

  @Test
  @DisplayName("A file that is deleted under its mount is told, and leaves no device")
  void aDeletedFile() throws IOException {
    containers.create("deleted");
    containers.start("deleted-user", "deleted");
    String device = containers.inspect("deleted", "{{.Status.device}}");
    Files.delete(BED.images("deleted").getFirst());
    await().atMost(LIMIT).until(() -> lastError("deleted").contains("has been deleted"));
    containers.exec("deleted-user", "echo x > /m/f");
    containers.remove("deleted-user");
    BED.engine().docker("volume", "rm", "deleted");
    assertThat(Traces.read(Path.of("/sys/block", device.substring(5), "loop/backing_file")))
        .doesNotContain("deleted.");
  }

  @Test
  @DisplayName(
      "What a Berth in another mount namespace attached, and its containers use, is shared")
  void aDeviceOfAnEndedNamespace(@TempDir Path place) throws IOException {
    containers.create("moved");
    containers.run("moved", "echo before > /m/f");
    BED.berth().command("release", "moved").succeed();
    BED.awaitReleased("moved");
    Path image = BED.images("moved").getFirst();
    Path device = Namespaces.attachAndEnd(image);
    ProcessHandle container = Namespaces.mounting(device, place);
    try {
      Path seen = Path.of("/proc", container.pid() + "", "root" + place, "_data");
      assertThat(containers.run("moved", "cat /m/f; echo of the next > /m/g").text())
          .isEqualTo("before");
      assertThat(devicesOver(image)).containsExactly(device.toString());
      assertThat(Files.readString(seen.resolve("g")).strip()).isEqualTo("of the next");
      Files.writeString(seen.resolve("h"), "of the container");
      assertThat(containers.run("moved", "cat /m/h").text()).isEqualTo("of the container");
      assertThat(BED.engine().tryDocker("volume", "rm", "moved").err()).contains("in use");
    } finally {
      container.destroyForcibly();
      container.onExit().join();
    }
    assertThat(containers.run("moved", "cat /m/f /m/g /m/h | wc -l").text()).isEqualTo("2");
  }

  private static List<String> devicesOver(Path file) {
    return Run.of("losetup", "--noheadings", "--output", "NAME", "--associated", file.toString())
        .succeed()
        .lines()
        .stream()
        .map(String::strip)
        .toList();
  }

  private String lastError(String volume) {
    return containers.inspect(volume, "{{with .Status.lastError}}{{.}}{{end}}");
  }

  private static String id(String container) {
    return BED.engine().docker("inspect", "--format", "{{.Id}}", container).text();
  }
}
