package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Running containers, and clients or a Berth that die under them. */
@RequiresSystem
class S3RecoveryIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine().in(STORE));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Writes a file and reads it back, again and again, and says how that went. */
  private static final String LOOP =
      """
      i=0
      while :; do
        i=$((i+1))
        if echo $i 2>/dev/null > /m/w && [ "$(cat /m/w 2>/dev/null)" = $i ]; then echo ok; else echo failed; fi
        sleep 0.02
      done
      """;

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  private record Line(Instant at, String text) {}

  private List<Line> log(String container) {
    return engine.docker("logs", "--timestamps", container).lines().stream()
        .map(
            line ->
                new Line(
                    Instant.parse(line.substring(0, line.indexOf(' '))),
                    line.substring(line.indexOf(' ') + 1)))
        .toList();
  }

  private boolean wellSince(String container, Instant since) {
    List<Line> later = log(container).stream().filter(line -> line.at().isAfter(since)).toList();
    return later.size() > 10
        && later.subList(later.size() - 5, later.size()).stream()
            .allMatch(line -> line.text().equals("ok"));
  }

  private String pid(String volume) {
    return containers.inspect(volume, "{{.Status.clientPid}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aContainerGoesOnAfterItsClientWasKilled(String client) {
    containers.create("work", "backend=s3", "client=" + client);
    containers.startWith("worker", "work", LOOP);
    await().atMost(LIMIT).until(() -> wellSince("worker", Instant.EPOCH));
    String first = pid("work");
    Instant killed = Instant.now();
    Run.of("kill", "-KILL", first).succeed();
    await().atMost(LIMIT).until(() -> !pid("work").equals(first));
    Instant replaced = Instant.now();
    await().atMost(LIMIT).until(() -> wellSince("worker", replaced));
    List<Line> after = log("worker").stream().filter(line -> line.at().isAfter(killed)).toList();
    Instant lastFailure =
        after.stream()
            .filter(line -> line.text().equals("failed"))
            .map(Line::at)
            .reduce(killed, (earlier, later) -> later);
    Instant again =
        after.stream()
            .filter(line -> line.text().equals("ok") && line.at().isAfter(lastFailure))
            .map(Line::at)
            .findFirst()
            .orElseThrow();
    System.out.printf(
        "%s killed under a container: it writes and reads again after %d ms%n",
        client, Duration.between(killed, again).toMillis());
    assertThat(containers.state("worker")).isEqualTo("running");
    assertThat(containers.inspect("work", "{{.Status.clientRestarts}}")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aContainerDoesNotNoticeThatBerthWasKilledAndCameBack(String client) {
    containers.create("calm", "backend=s3", "client=" + client);
    containers.startWith("worker", "calm", LOOP);
    await().atMost(LIMIT).until(() -> wellSince("worker", Instant.EPOCH));
    String first = pid("calm");
    BED.berth().kill();
    BED.berth().start();
    Instant back = Instant.now();
    await().atMost(LIMIT).until(() -> wellSince("worker", back));
    assertThat(log("worker")).noneMatch(line -> line.text().equals("failed"));
    await().atMost(LIMIT).until(() -> pid("calm").equals(first));
    // The worker truncates its file each time: somebody else may find it empty.
    String read = "until text=$(cat /m/w) && [ -n \"$text\" ]; do :; done; echo \"$text\"";
    assertThat(containers.run("calm", read).text()).isNotEmpty();
    Run.of("kill", "-KILL", first).succeed();
    await().atMost(LIMIT).until(() -> !pid("calm").equals(first));
    Instant replaced = Instant.now();
    await().atMost(LIMIT).until(() -> wellSince("worker", replaced));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aClientThatDiedWhileBerthWasAwayIsReplaced(String client) {
    containers.create("alone", "backend=s3", "client=" + client);
    containers.startWith("worker", "alone", LOOP);
    await().atMost(LIMIT).until(() -> wellSince("worker", Instant.EPOCH));
    String first = pid("alone");
    BED.berth().kill();
    Run.of("kill", "-KILL", first).succeed();
    BED.berth().start();
    Instant replaced = Instant.now();
    await().atMost(LIMIT).until(() -> wellSince("worker", replaced));
    containers.stop("worker");
    BED.awaitReleased("alone");
  }
}
