package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Output;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RecordingProxy;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code docker volume …}, and the calls the engine makes for it. */
@RequiresSystem
class EngineVolumesIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().recordingCalls());

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();
  private final RecordingProxy proxy = BED.proxy();
  private final PluginClient client = BED.client();

  @Test
  @DisplayName("9: a name another driver has is refused, and the other volume is unharmed")
  void case09_nameOfAnotherDriver() {
    engine.docker("volume", "create", "c09");
    try {
      assertThat(containers.tryCreate("c09").succeeded()).isFalse();
      assertThat(containers.inspect("c09", "{{.Driver}}")).isEqualTo("local");
      assertThat(client.names()).doesNotContain("c09");
    } finally {
      engine.docker("volume", "rm", "c09");
    }
  }

  @Test
  @DisplayName("17: ls lists a volume once, with one List")
  void case17_listedOnce() {
    containers.create("c17");
    int before = proxy.count("VolumeDriver.List");
    assertThat(engine.docker("volume", "ls", "--format", "{{.Name}}").lines())
        .containsOnlyOnce("c17");
    assertThat(proxy.count("VolumeDriver.List") - before).isEqualTo(1);
  }

  @Test
  @DisplayName("18: inspect of an unknown volume fails, of a known one shows the Status")
  void case18_inspect() {
    Output unknown = engine.tryDocker("volume", "inspect", "c18");
    assertThat(unknown.succeeded()).isFalse();
    assertThat(unknown.err()).containsIgnoringCase("no such volume");
    containers.create("c18");
    assertThat(containers.inspect("c18", "{{json .Status}}")).startsWith("{\"");
    assertThat(containers.inspect("c18", "{{.Mountpoint}}")).isEqualTo(BED.data("c18").toString());
    assertThat(containers.inspect("c18", "{{.CreatedAt}}")).startsWith("20");
  }

  @Test
  @DisplayName("20: docker says of a missing volume that there is none")
  void case20_missingVolume() {
    Output removed = engine.tryDocker("volume", "rm", "c20");
    assertThat(removed.succeeded()).isFalse();
    assertThat(removed.err()).containsIgnoringCase("no such volume");
  }

  @Test
  @DisplayName("21: Path is never needed")
  void case21_noPathCalls() {
    containers.create("c21");
    engine.docker("volume", "ls");
    containers.inspect("c21", "{{.Mountpoint}}");
    assertThat(proxy.count("VolumeDriver.Path")).isZero();
  }

  @Test
  @DisplayName("23: Capabilities is asked once and gives the scope")
  void case23_capabilities() {
    for (String name : List.of("c23a", "c23b", "c23c")) {
      containers.create(name);
      String declared =
          client
              .call("VolumeDriver.Capabilities", "{}")
              .orFail()
              .json()
              .path("Capabilities")
              .path("Scope")
              .asText();
      assertThat(containers.inspect(name, "{{.Scope}}")).isEqualTo(declared).isEqualTo("local");
    }
    assertThat(proxy.count("VolumeDriver.Capabilities")).isEqualTo(1);
    assertThat(proxy.count("Plugin.Activate")).isEqualTo(1);
  }

  @Test
  @DisplayName("24: a volume removed behind the engine can be created again, by any driver")
  void case24_createdAgainAfterRemovalOutOfBand() {
    containers.create("c24", "size=64MiB");
    client.remove("c24").orFail();
    containers.create("c24", "size=96MiB");
    assertThat(BED.images("c24").getFirst().toFile().length()).isEqualTo(96L << 20);
    client.remove("c24").orFail();
    engine.docker("volume", "create", "c24");
    assertThat(containers.inspect("c24", "{{.Driver}}")).isEqualTo("local");
    engine.docker("volume", "rm", "c24");
  }

  @Test
  @DisplayName("27: a volume the plugin has already keeps the labels given in docker")
  void case27_labelsOfAVolumeOnlyThePluginKnows() {
    client.create("c27", Map.of()).orFail();
    engine.docker("volume", "create", "--driver", BED.driver(), "--label", "team=db", "c27");
    containers.inspect("c27", "{{.Name}}");
    assertThat(containers.inspect("c27", "{{.Labels.team}}")).isEqualTo("db");
    assertThat(proxy.count("Create", "c27")).isZero();
  }

  @Test
  @DisplayName("28: what Berth refuses reaches the user word for word")
  void case28_errorsReachTheUser() {
    String error = client.create("c28", Map.of("sise", "1")).failed().error();
    assertThat(containers.tryCreate("c28", "sise=1").err()).contains(error);
  }

  @Test
  @DisplayName("30: inspect echoes the options")
  void case30_optionsEchoed() {
    containers.create("c30", "size=80MiB", "fsType=ext4");
    assertThat(containers.inspect("c30", "{{.Options.size}} {{.Options.fsType}}"))
        .isEqualTo("80MiB ext4");
  }

  @Test
  @DisplayName("31: a volume in use is not removed, not even by force")
  void case31_removalOfAVolumeInUse() {
    containers.start("c31-user", "c31");
    assertThat(engine.tryDocker("volume", "rm", "c31").succeeded()).isFalse();
    assertThat(engine.tryDocker("volume", "rm", "--force", "c31").succeeded()).isFalse();
    containers.stop("c31-user");
    assertThat(engine.tryDocker("volume", "rm", "c31").succeeded()).isFalse();
    assertThat(proxy.count("Remove", "c31")).isZero();
    assertThat(client.names()).contains("c31");
  }

  @Test
  @DisplayName("32: rm -f of a volume removed behind the engine succeeds")
  void case32_forcedRemovalAfterRemovalOutOfBand() {
    containers.create("c32");
    client.remove("c32").orFail();
    engine.docker("volume", "rm", "--force", "c32");
    client.remove("c32").orFail();
  }

  @Test
  @DisplayName("33: ls filters by driver and by use")
  void case33_filters() {
    containers.create("c33-idle");
    containers.start("c33-user", "c33-used");
    assertThat(list("driver=" + BED.driver())).contains("c33-idle", "c33-used");
    assertThat(list("driver=local")).doesNotContain("c33-idle", "c33-used");
    assertThat(list("dangling=true")).contains("c33-idle").doesNotContain("c33-used");
    assertThat(list("dangling=false")).contains("c33-used").doesNotContain("c33-idle");
  }

  private List<String> list(String filter) {
    return engine.docker("volume", "ls", "--quiet", "--filter", filter).lines();
  }

  @Test
  @DisplayName("42: create of an existing volume with other options leaves the real one as it is")
  void case42_createExistingWithOtherOptions() {
    containers.create("c42", "size=64MiB");
    String status = containers.inspect("c42", "{{json .Status}}");
    containers.create("c42", "size=128MiB");
    assertThat(proxy.count("Create", "c42")).isEqualTo(1);
    assertThat(containers.inspect("c42", "{{json .Status}}")).isEqualTo(status).contains("64MiB");
    assertThat(BED.images("c42").getFirst().toFile().length()).isEqualTo(64L << 20);
  }
}
