package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers with default rights that want more than their volume when its client is replaced. */
@Rule(17)
@RequiresSystem
class S3AttackIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine().in(STORE));

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int CONTAINERS = 4;
  private static final int API_WITH_SUBPATH = 45;

  /** The directory around the mountpoint is a link to /proc half of the time. */
  private static final String EXCHANGES_PARENT =
      "while :; do mv /w /w3; ln -s /proc /w; rm /w; mv /w3 /w; done";

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  private List<String> mounts(String container) {
    String pid = engine.docker("inspect", "--format", "{{.State.Pid}}", container).text();
    return Traces.read(Path.of("/proc", pid, "mountinfo")).lines().toList();
  }

  private static boolean isVolume(String line) {
    return line.contains(" - fuse");
  }

  private List<String> others(String container) {
    return mounts(container).stream().filter(line -> !isVolume(line)).toList();
  }

  private void kill(String volume) {
    Run.of("kill", "-KILL", containers.inspect(volume, "{{.Status.clientPid}}")).succeed();
  }

  private void awaitReplaced(String volume) {
    await()
        .atMost(LIMIT)
        .until(() -> containers.inspect(volume, "{{.Status.clientRestarts}}").equals("1"));
  }

  private void start(String container, String script, String... options) {
    List<String> line =
        new ArrayList<>(List.of("run", "--detach", "--name", container, "--network=none"));
    line.addAll(List.of(options));
    line.addAll(List.of("berth/busybox", "sh", "-c", script));
    engine.docker(line.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aContainerThatExchangesTheWayToItsMountLosesNoMountOfDockers(String client) {
    List<String> names =
        IntStream.range(0, CONTAINERS).mapToObj(i -> "%s-way-%d".formatted(client, i)).toList();
    for (String name : names) {
      containers.create(name, "backend=s3", "client=" + client);
      start(name, EXCHANGES_PARENT, "--volume", name + ":/w/sys");
    }
    List<List<String>> before = names.stream().map(this::others).toList();
    names.forEach(this::kill);
    names.forEach(this::awaitReplaced);
    for (int i = 0; i < CONTAINERS; i++) {
      assertThat(others(names.get(i))).isEqualTo(before.get(i));
      assertThat(mounts(names.get(i)).stream().filter(S3AttackIT::isVolume)).hasSizeLessThan(2);
      assertThat(mounts(names.get(i)))
          .anyMatch(line -> line.contains(" /sys /proc/sys ro,") && line.contains(" - proc "));
    }
  }

  /** A part of the volume, by its path on the host, where the engine knows no other way. */
  @Test
  void aContainerWithAPartOfTheVolumeGetsNothingOfTheHost() {
    containers.create("part", "backend=s3", "client=s3fs");
    start("holder", "mkdir /all/sub; echo deep > /all/sub/f; sleep 3600", "--volume", "part:/all");
    await().atMost(LIMIT).until(() -> BED.mountpoint("part").resolve("sub/f").toFile().exists());
    attackWith("part", "--volume", BED.mountpoint("part") + "/sub:/x");
  }

  @Test
  void aContainerWithASubpathGetsNothingOfTheHost() {
    assumeTrue(
        engine.apiMinor() >= API_WITH_SUBPATH,
        "subpath needs engine 26, this one is " + engine.version());
    containers.create("sub", "backend=s3", "client=s3fs");
    containers.run("sub", "mkdir /m/sub");
    attackWith("sub", "--mount", "type=volume,src=sub,dst=/x,volume-subpath=sub");
  }

  private void attackWith(String volume, String... part) {
    List<String> options = new ArrayList<>(List.of("--volume", volume + ":/all"));
    options.addAll(List.of(part));
    start(
        "attacker",
        "rm -r /all/sub; mkdir /all/sub; ln -s / /all/sub/deleted; sleep 3600",
        options.toArray(String[]::new));
    await()
        .atMost(LIMIT)
        .until(
            () -> engine.tryDocker("exec", "attacker", "readlink", "/all/sub/deleted").succeeded());
    List<String> before = others("attacker");
    kill(volume);
    awaitReplaced(volume);
    await()
        .atMost(LIMIT)
        .until(() -> engine.tryDocker("exec", "attacker", "ls", "/all/sub").succeeded());
    assertThat(others("attacker")).isEqualTo(before);
    assertThat(engine.tryDocker("exec", "attacker", "ls", "/x/etc").succeeded()).isFalse();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(containers.inspect(volume, "{{.Status.lastError}}"))
                    .contains("/x", "deleted"));
  }
}
