package dev.berth.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;

import dev.berth.testing.BedOptions;
import dev.berth.testing.HiddenFiles;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Liveness and readiness on the management port, on a sound host and on broken ones. */
@RequiresSystem(engine = false)
class HealthIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LISTENING = "0A";

  @Test
  @DisplayName("A sound host: alive and ready, and each check says what it looked at")
  void soundHost() {
    ask("live").statusCode(200).body("status", equalTo("UP"));
    ready(200)
        .body("status", equalTo("UP"))
        .body("checks.name", hasItems("ledger", "tools", "root"))
        .body("checks.status", everyItem(equalTo("UP")))
        .body(data("root", "ok"), containsString(BED.root().toString()));
  }

  @Test
  @DisplayName("A program that all volumes need is missing: not ready, with the package to install")
  void neededProgramMissing() {
    try (HiddenFiles hidden = hide("wipefs")) {
      assertThat(hidden.isEmpty()).isFalse();
      ready(503)
          .body("status", equalTo("DOWN"))
          .body(status("tools"), equalTo("DOWN"))
          .body(status("ledger"), equalTo("UP"))
          .body(status("root"), equalTo("UP"))
          .body(
              data("tools", "error"),
              allOf(containsString("wipefs"), containsString("util-linux")));
      ask("live").statusCode(200).body("status", equalTo("UP"));
    }
    ready(200);
  }

  @Test
  @DisplayName("A program of one filesystem is missing: ready, with a warning")
  void programOfOneFilesystemMissing() {
    try (HiddenFiles hidden = hide("xfs_growfs")) {
      assertThat(hidden.isEmpty()).isFalse();
      await().atMost(LIMIT).until(() -> answer("ready").path(data("tools", "warning")) != null);
      ready(200)
          .body(status("tools"), equalTo("UP"))
          .body(
              data("tools", "warning"),
              allOf(containsString("xfs_growfs"), containsString("xfsprogs")));
    }
  }

  @Test
  @DisplayName(
      "The root is read-only: not ready, and the volumes that are there are still answered")
  void rootReadOnly() {
    String root = BED.root().toString();
    Run.of("mount", "--bind", root, root).succeed();
    try {
      Run.of("mount", "-o", "remount,bind,ro", root).succeed();
      ready(503)
          .body(status("root"), equalTo("DOWN"))
          .body(
              data("root", "error"), allOf(containsString(root), containsString("Read-only file")));
      ask("live").statusCode(200).body("status", equalTo("UP"));
      assertThat(BED.client().names()).isEmpty();
    } finally {
      Run.of("umount", root).succeed();
    }
    ready(200);
  }

  @Test
  @DisplayName("The ledger cannot be written: not ready, still alive")
  void ledgerNotWritable() throws SQLException {
    String ledger = "jdbc:sqlite:" + BED.root().resolve("ledger.db");
    try (Connection other = DriverManager.getConnection(ledger);
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      ready(503)
          .body(status("ledger"), equalTo("DOWN"))
          .body(status("root"), equalTo("UP"))
          .body(data("ledger", "error"), containsString("ledger.db"));
      ask("live").statusCode(200).body("status", equalTo("UP"));
      statement.execute("ROLLBACK");
    }
    ready(200);
  }

  @Test
  @DisplayName("The management port is one of the loopback interface alone, and changes nothing")
  void loopbackOnly() {
    String port = ":%04X".formatted(BED.berth().managementPort());
    List<String> listeners =
        Stream.of("/proc/net/tcp", "/proc/net/tcp6")
            .flatMap(file -> Traces.read(Path.of(file)).lines())
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields[1].endsWith(port) && fields[3].equals(LISTENING))
            .map(fields -> fields[1])
            .toList();
    assertThat(listeners).isNotEmpty().allMatch(address -> address.matches(".*0100007F:.*"));
    for (String path : List.of("/VolumeDriver.List", "/v1/volumes", "/v1/doctor")) {
      given().port(BED.berth().managementPort()).body("{}").post(path).then().statusCode(405);
      given().port(BED.berth().managementPort()).get(path).then().statusCode(404);
    }
  }

  private static ValidatableResponse ask(String what) {
    return answer(what).then();
  }

  private static Response answer(String what) {
    return given().port(BED.berth().managementPort()).get("/q/health/" + what);
  }

  /** What is answered may be a few seconds old. */
  private static ValidatableResponse ready(int status) {
    await().atMost(LIMIT).until(() -> answer("ready").statusCode() == status);
    return ask("ready").statusCode(status);
  }

  private static String status(String check) {
    return "checks.find { it.name == '%s' }.status".formatted(check);
  }

  private static String data(String check, String severity) {
    return "checks.find { it.name == '%s' }.data.%s".formatted(check, severity);
  }

  private static HiddenFiles hide(String program) {
    return HiddenFiles.of(
        Stream.of("/usr/sbin", "/usr/bin").map(directory -> Path.of(directory, program)).toList());
  }
}
