package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a script in the place of a client. */
@RequiresRoot
@SuppressWarnings("NullAway.Init")
class DaemonsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final CountDownLatch ended = new CountDownLatch(1);
  private Path log;
  private Daemons daemons;
  private ProcessId process;
  private boolean started;

  @BeforeEach
  void prepare() {
    log = directory.resolve("log");
    daemons = new Daemons(new ProcessCommandRunner(directory + ":" + System.getenv("PATH")));
  }

  @AfterEach
  void end() {
    if (started) {
      process.end(true);
      Async.await(ended);
    }
  }

  private void start(String script, String... arguments) throws IOException {
    Path program = directory.resolve(Tool.S3FS.program());
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    process =
        daemons.start(
            new DaemonCommand(Tool.S3FS, List.of(arguments), Map.of("GIVEN", "this"), log),
            ended::countDown);
    started = true;
  }

  @Test
  void itHasFewOfRootsRights() throws IOException {
    start("echo ready; exec sleep 600");
    await().atMost(LIMIT).until(() -> Traces.read(log).contains("ready"));
    String status = Traces.read(Path.of("/proc/" + process.pid() + "/status"));
    String sysAdmin = "%016x".formatted(1L << 21);
    assertThat(status)
        .contains("CapBnd:\t" + sysAdmin, "CapEff:\t" + sysAdmin, "CapPrm:\t" + sysAdmin)
        .contains("CapInh:\t0000000000000000", "CapAmb:\t0000000000000000")
        .contains("NoNewPrivs:\t1", "Seccomp:\t2");
    assertThat(process.leadsSession()).isTrue();
    assertThat(daemons.find(Set.of(Tool.S3FS), directory)).isEmpty();
  }

  @Test
  void itGetsNowhereElse() throws IOException {
    start(
        """
        unshare --mount true; echo "unshare $?"
        nsenter --mount=/proc/self/ns/mnt true; echo "nsenter $?"
        mount -t tmpfs none "$1"; echo "mount $?"
        umount "$1"; echo "umount $?"
        chown 1:1 "$1"; echo "chown $?"
        """,
        directory.toString());
    Async.await(ended);
    assertThat(Traces.read(log))
        .contains("unshare 1", "nsenter 1", "mount 0", "umount 0", "chown 1");
  }

  @Test
  void itHasItsOwnEnvironmentAndNothingOpen() throws IOException {
    start("env; ls -l /proc/self/fd; pwd; echo wrong >&2; cat; echo \"$1\"", "an argument");
    Async.await(ended);
    String said = Traces.read(log);
    assertThat(said.lines().filter(line -> line.matches("[A-Z_]+=.*")).toList())
        .containsExactlyInAnyOrder(
            "GIVEN=this",
            "HOME=/root",
            "LANG=C",
            "LC_ALL=C",
            "PATH=" + System.getenv("PATH"),
            "PWD=/");
    assertThat(said).contains("wrong", "an argument").doesNotContain("socket:", ".jar");
    assertThat(process.alive()).isFalse();
  }

  @Test
  void whatBerthMayDoItMayStillDoAfterAClientWasStarted() throws IOException {
    start("exec sleep 600");
    process.end(true);
    Async.await(ended);
    List<Path> threads = Traces.list(Path.of("/proc/self/task"));
    assertThat(threads)
        .allSatisfy(
            thread ->
                assertThat(Traces.read(thread.resolve("status")))
                    .doesNotContain("Seccomp:\t2", "NoNewPrivs:\t1"));
    Run.of("unshare", "--mount", "true").succeed();
  }

  @Test
  void aProgramThatCannotBeRunIsAnError() throws IOException {
    Path program = directory.resolve(Tool.RCLONE.program());
    Files.writeString(program, "#!/no/such/interpreter\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    DaemonCommand command = new DaemonCommand(Tool.RCLONE, List.of(), Map.of(), log);
    assertThatThrownBy(() -> daemons.start(command, ended::countDown))
        .isInstanceOf(HostException.Io.class)
        .hasMessageContaining("cannot start " + program)
        .hasMessageContaining("No such file");
    assertThat(ended.getCount()).isEqualTo(1);
  }
}
