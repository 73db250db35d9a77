package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Call;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.RecordingProxy;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code docker run} with volumes, and the calls the engine makes for it. */
@Tag("any-backend")
@RequiresSystem
class EngineRunIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().recordingCalls());

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();
  private final RecordingProxy proxy = BED.proxy();

  @Test
  @DisplayName("10: a named volume is made, mounted, unmounted and removed once each")
  void case10_namedVolume() {
    assertThat(containers.run("c10", "echo hello > /m/f; cat /m/f").text()).isEqualTo("hello");
    BED.awaitReleased("c10");
    engine.docker("volume", "rm", "c10");
    for (String method : List.of("Create", "Mount", "Unmount", "Remove")) {
      assertThat(proxy.count(method, "c10")).as(method).isEqualTo(1);
    }
    assertThat(proxy.count("Plugin.Activate")).isEqualTo(1);
    assertThat(BED.mountpoint("c10")).doesNotExist();
    assertThat(BED.images("c10")).isEmpty();
  }

  @Test
  @DisplayName("11: an anonymous volume goes with its container")
  void case11_anonymousVolume() {
    int from = proxy.calls().size();
    engine.docker(anonymous("--rm", "echo there > /m/f"));
    assertCalls(from, 1, 1);
  }

  @Test
  @DisplayName("12: --volumes-from mounts the same anonymous volume again")
  void case12_volumesFrom() {
    int from = proxy.calls().size();
    engine.docker(anonymous("--name=c12", "echo shared > /m/f"));
    Output second =
        engine.docker(
            "run", "--rm", "--network=none", "--volumes-from=c12", Images.PLAIN, "cat", "/m/f");
    assertThat(second.text()).isEqualTo("shared");
    engine.docker("rm", "--force", "--volumes", "c12");
    assertCalls(from, 2, 1);
  }

  @Test
  @DisplayName("13: rm -fv of a container removes its anonymous volume")
  void case13_removalWithVolumes() {
    int from = proxy.calls().size();
    engine.docker(anonymous("--name=c13", "true"));
    engine.docker("rm", "--force", "--volumes", "c13");
    assertCalls(from, 1, 1);
  }

  private static String[] anonymous(String option, String script) {
    String driver = "--volume-driver=" + BED.driver();
    return new String[] {
      "run", option, "--network=none", driver, "--volume=/m", Images.PLAIN, "sh", "-c", script
    };
  }

  private void assertCalls(int from, int mounts, int removes) {
    List<Call> calls = proxy.calls();
    List<String> methods = calls.subList(from, calls.size()).stream().map(Call::method).toList();
    assertThat(methods).filteredOn("VolumeDriver.Create"::equals).hasSize(1);
    assertThat(methods).filteredOn("VolumeDriver.Mount"::equals).hasSize(mounts);
    assertThat(methods).filteredOn("VolumeDriver.Unmount"::equals).hasSize(mounts);
    assertThat(methods).filteredOn("VolumeDriver.Remove"::equals).hasSize(removes);
    assertThat(BED.client().names()).isEmpty();
  }

  @Test
  @DisplayName("16: a container's Mounts show the volume and its driver")
  void case16_mountsOfAContainer() {
    containers.create("c16");
    containers.start("c16-user", "c16");
    String mount =
        engine
            .docker(
                "inspect",
                "--format",
                "{{range .Mounts}}{{.Type}} {{.Name}} {{.Driver}} {{.Destination}}{{end}}",
                "c16-user")
            .text();
    assertThat(mount).isEqualTo("volume c16 %s /m".formatted(BED.driver()));
  }

  @Test
  @DisplayName("22: Mount comes with an id of 64 hex digits, Unmount with the same")
  void case22_mountIds() {
    containers.run("c22", "true");
    String id = proxy.calls("Mount", "c22").getFirst().id();
    assertThat(id).matches("[0-9a-f]{64}");
    assertThat(proxy.calls("Unmount", "c22").getFirst().id()).isEqualTo(id);
  }

  @Test
  @Tag("loop")
  @DisplayName("25: a Mount that fails tells the user why and leaves nothing")
  void case25_failingMount() throws IOException {
    containers.create("c25");
    Path image = BED.images("c25").getFirst();
    Path away = Files.move(image, image.resolveSibling("away"));
    for (int tries = 0; tries < 2; tries++) {
      Output failed = containers.tryRun("c25", "true");
      assertThat(failed.succeeded()).isFalse();
      assertThat(failed.err()).contains(proxy.calls("Mount", "c25").getLast().reply().error());
      assertThat(BED.volumeTraces()).isEmpty();
    }
    assertThat(proxy.count("Mount", "c25")).isEqualTo(2);
    assertThat(proxy.count("Unmount", "c25")).isZero();
    Files.move(away, image);
    containers.run("c25", "true");
  }

  @Test
  @DisplayName("26: docker cp of a running container disturbs neither it nor a second one")
  void case26_dockerCpOnARunningContainer() throws IOException {
    containers.startWith(
        "c26-user", "c26", "trap 'exit 0' TERM; echo here > /m/f; sleep 3600 & wait");
    Path out = BED.work().resolve("c26-copy");
    for (int times = 0; times < 3; times++) {
      engine.docker("cp", "c26-user:/m/f", out.toString());
      engine.docker("cp", out.toString(), "c26-user:/m/in");
      assertThat(BED.mounted("c26")).isTrue();
      assertThat(containers.exec("c26-user", "cat /m/f /m/in").lines())
          .containsExactly("here", "here");
      assertThat(containers.run("c26", "cat /m/f /m/in").lines()).containsExactly("here", "here");
    }
    assertThat(Files.readString(out)).isEqualTo("here\n");
    Set<String> ids =
        proxy.calls("Mount", "c26").stream().map(Call::id).collect(Collectors.toSet());
    assertThat(proxy.count("Mount", "c26")).as("cp mounts again").isGreaterThan(4);
    assertThat(ids).as("with the id of the container").hasSize(4);
    containers.remove("c26-user");
    BED.awaitReleased("c26");
  }

  @Test
  @DisplayName("49: a container killed by its process's death is unmounted and starts again")
  void case49_processKilled() {
    containers.start("c49-user", "c49");
    containers.exec("c49-user", "echo kept > /m/f");
    engine.docker("kill", "--signal=KILL", "c49-user");
    BED.awaitReleased("c49");
    engine.docker("start", "c49-user");
    assertThat(containers.exec("c49-user", "cat /m/f").text()).isEqualTo("kept");
    containers.stop("c49-user");
    BED.awaitReleased("c49");
    List<String> ids = proxy.calls("Mount", "c49").stream().map(Call::id).toList();
    assertThat(ids).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("63: an empty volume is filled from the image, and is really empty before")
  void case63_copyUp() {
    String[] line = {
      "run", "--rm", "--network=none", "--volume-driver=" + BED.driver(), "--volume=c63:/data"
    };
    String[] list = {"sh", "-c", "cd /data; find . | sort"};
    String copied = engine.docker(join(line, new String[] {Images.WITH_DATA}, list)).out();
    assertThat(copied.lines()).containsExactly(".", "./hello", "./sub", "./sub/deep");
    assertThat(containers.run("c63-plain", "ls -A /m").text()).as("lost+found").isEmpty();
  }

  private static String[] join(String[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
  }

  @Test
  @DisplayName("65: a run without a driver asks Berth for the name and makes nothing there")
  void case65_newVolumeWithoutADriver() {
    engine.docker(
        "run", "--rm", "--network=none", "--volume=c65:/m", Images.PLAIN, "touch", "/m/f");
    assertThat(containers.inspect("c65", "{{.Driver}}")).isEqualTo("local");
    engine.docker("volume", "rm", "c65");
    assertThat(proxy.count("Create", "c65")).isZero();
    assertThat(BED.client().names()).isEmpty();
  }
}
