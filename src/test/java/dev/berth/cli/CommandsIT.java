package dev.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.testing.BedOptions;
import dev.berth.testing.HiddenFiles;
import dev.berth.testing.Output;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every command as a process: what it prints for people and for programs, and how it ends. */
@RequiresSystem(engine = false)
class CommandsIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MIB = 1L << 20;

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("ls and inspect")
  void listAndInspect() {
    assertThat(json("ls")).isEmpty();
    client.create("shown", Map.of("label.team", "db")).orFail();
    client.mount("shown", "id1").orFail();
    JsonNode volume = json("ls").get(0);
    assertThat(volume.path("name").asText()).isEqualTo("shown");
    assertThat(volume.path("backend").asText()).isEqualTo("loop");
    assertThat(volume.path("state").asText()).isEqualTo("ready");
    assertThat(volume.path("size").asLong()).isEqualTo(64 * MIB);
    assertThat(volume.path("filesystem").asText()).isEqualTo("ext4");
    assertThat(volume.path("mounted").asBoolean()).isTrue();
    assertThat(volume.path("device").asText()).startsWith("/dev/loop");
    assertThat(volume.path("holders").get(0).asText()).isEqualTo("id1");
    assertThat(volume.path("options").path("label.team").asText()).isEqualTo("db");
    JsonNode inspected = json("inspect", "shown");
    assertThat(inspected.path("mountpoint").asText()).isEqualTo(BED.data("shown").toString());
    assertThat(inspected.path("name")).isEqualTo(volume.path("name"));
    assertThat(good("inspect", "shown").text()).startsWith("{");
    assertThat(good("ls").lines()).hasSize(2);
    assertThat(good("ls").lines().getFirst()).matches("NAME +BACKEND +STATE +SIZE +USED +FS .*");
    assertThat(good("ls").lines().getLast()).matches("shown +loop +ready +64 MiB .* ext4 +yes +1");
  }

  @Test
  @DisplayName("grow and release")
  void growAndRelease() {
    client.create("grown", Map.of()).orFail();
    assertThat(json("grow", "grown", "80MiB").path("size").asLong()).isEqualTo(80 * MIB);
    assertThat(good("grow", "grown", "96MiB").text()).isEqualTo("grown has 96 MiB");
    bad(1, "smaller", "grow", "grown", "64MiB");
    bad(1, "much", "grow", "grown", "much");
    bad(1, "absent", "grow", "absent", "1GiB");
    client.mount("grown", "id1").orFail();
    bad(1, "grown", "release", "grown");
    assertThat(json("release", "--force", "grown").path("mounted").asBoolean()).isFalse();
    BED.awaitReleased("grown");
    assertThat(good("release", "grown").text()).isEqualTo("grown is released");
    bad(1, "absent", "release", "absent");
  }

  @Test
  @DisplayName("snapshot create, ls and rm")
  void snapshots() {
    client.create("kept", Map.of()).orFail();
    client.mount("kept", "id1").orFail();
    JsonNode taken = json("snapshot", "create", "kept");
    String id = taken.path("id").asText();
    assertThat(id).startsWith("snap-");
    assertThat(taken.path("volume").asText()).isEqualTo("kept");
    assertThat(taken.path("size").asLong()).isEqualTo(64 * MIB);
    String other = good("snapshot", "create", "kept").text();
    assertThat(json("snapshot", "ls").findValuesAsText("id")).containsExactly(id, other);
    assertThat(good("snapshot", "ls").lines()).hasSize(3);
    assertThat(json("snapshot", "rm", id).path("deleted").asText()).isEqualTo(id);
    assertThat(good("snapshot", "rm", other).text()).isEqualTo(other + " is deleted");
    assertThat(json("snapshot", "ls")).isEmpty();
    bad(1, id, "snapshot", "rm", id);
    bad(1, "absent", "snapshot", "create", "absent");
  }

  @Test
  @DisplayName("version and doctor")
  void versionAndDoctor() {
    assertThat(json("version").path("version").asText()).isNotEmpty();
    assertThat(good("version").text()).startsWith("berth ");
    assertThat(json("doctor").findValuesAsText("check"))
        .contains("tools", "ledger", "root", "space", "loop", "permissions", "socket", "clock");
    assertThat(good("doctor").lines().getFirst()).matches("CHECK +RESULT +WHAT");
    List<Path> needed = List.of(Path.of("/usr/sbin/wipefs"), Path.of("/usr/bin/wipefs"));
    try (HiddenFiles hidden = HiddenFiles.of(needed)) {
      assertThat(hidden.isEmpty()).isFalse();
      Output unsound = BED.berth().command("doctor", "-o", "json").run();
      assertThat(unsound.status()).isEqualTo(4);
      assertThat(tree(unsound).findValuesAsText("severity")).contains("error");
      assertThat(unsound.text()).contains("util-linux");
    }
  }

  @Test
  @DisplayName("Wrong usage ends with 2 and says how it is used")
  void wrongUsage() {
    for (String[] line :
        new String[][] {
          {},
          {"nonsense"},
          {"ls", "--nonsense"},
          {"inspect"},
          {"grow", "onlyname"},
          {"snapshot", "nonsense"},
          {"ls", "-o", "yaml"}
        }) {
      Output output = BED.berth().command(line).run();
      assertThat(output.status()).as("%s", output).isEqualTo(2);
      assertThat(output.err()).as("%s", output).contains("berth ");
    }
    assertThat(good("--help").text()).contains("Usage: berth");
    for (String command :
        List.of("serve", "ls", "inspect", "snapshot", "grow", "release", "doctor", "version")) {
      assertThat(good(command, "--help").text()).contains("Usage: berth " + command);
    }
  }

  @Test
  @DisplayName("No Berth at the socket ends with 3 and says what to look at")
  void nobodyAnswers() {
    String socket = BED.work().resolve("none.sock").toString();
    for (String[] line :
        new String[][] {
          {"ls"},
          {"inspect", "x"},
          {"grow", "x", "1g"},
          {"release", "x"},
          {"snapshot", "ls"},
          {"doctor"},
          {"version"}
        }) {
      String[] all = List.of(line).toArray(new String[line.length + 2]);
      all[line.length] = "--socket";
      all[line.length + 1] = socket;
      bad(3, socket, all);
    }
  }

  @Test
  @DisplayName("What Berth refuses ends with 1, with its reason on standard error")
  void refused() {
    bad(1, "absent", "inspect", "absent");
    bad(1, "a/b", "inspect", "a/b");
    bad(1, "../x", "release", "../x");
  }

  private static Output good(String... line) {
    Output output = BED.berth().command(line).run();
    assertThat(output.status()).as("%s", output).isZero();
    return output;
  }

  private static JsonNode json(String... line) {
    String[] all = List.of(line).toArray(new String[line.length + 2]);
    all[line.length] = "--output";
    all[line.length + 1] = "json";
    return tree(good(all));
  }

  private static JsonNode tree(Output output) {
    try {
      return JSON.readTree(output.text());
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + output, e);
    }
  }

  private static void bad(int status, String part, String... line) {
    Output output = BED.berth().command(line).run();
    assertThat(output.status()).as("%s", output).isEqualTo(status);
    assertThat(output.err()).as("%s", output).startsWith("berth: ").contains(part);
    assertThat(output.err()).doesNotContain("Exception").doesNotContain("\tat ");
    assertThat(output.text()).isEmpty();
  }
}
