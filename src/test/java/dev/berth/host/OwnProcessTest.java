package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each impostor has the name and the arguments of the real one. */
@RequiresRoot
class OwnProcessTest {
  private static final Path SLEEP = Path.of("/usr/bin/sleep");
  private static final String PLACE = "/no/such/place/client";

  @TempDir Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  @Test
  void theOneThatWasStartedHereIsKnown() throws IOException {
    assertThat(mayRun(start())).isTrue();
    assertThat(new Daemons(LOCATED).find(Set.of(Tool.SYNC), Path.of("/no/such/place"))).isEmpty();
  }

  @Test
  void anotherUserIsNot() throws IOException {
    assertThat(mayRun(start("setpriv", "--reuid=65534", "--clear-groups"))).isFalse();
    assertThat(mayRun(start("setpriv", "--ruid=65534"))).as("as a setuid program").isFalse();
  }

  @Test
  void anotherMountNamespaceIsNot() throws IOException {
    assertThat(mayRun(start("unshare", "--mount"))).isFalse();
  }

  @Test
  void anotherPidNamespaceIsNot() throws IOException {
    assertThat(mayRun(start("unshare", "--pid", "--fork"))).isFalse();
  }

  @Test
  void anotherProgramIsNot() throws IOException {
    Path copy = Files.copy(SLEEP, directory.resolve("sleep"));
    assertThat(mayRun(started(List.of(copy.toString(), "3600")))).isFalse();
  }

  @Test
  void aProgramThatWasReplacedIsStillTheOne() throws IOException {
    Path copy = Files.copy(SLEEP, directory.resolve("sleep"));
    OwnProcess process = started(List.of(copy.toString(), "3600"));
    assertThat(process.mayRun(copy)).isTrue();
    Files.delete(copy);
    Files.copy(SLEEP, copy);
    assertThat(process.mayRun(copy)).isTrue();
  }

  @Test
  void aClientIsFoundByItsPathAndAnImpostorInAContainerIsNot() throws IOException {
    Path script = directory.resolve("s3fs");
    Files.writeString(script, "#!/bin/sh\nwhile :; do sleep 1; done\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Daemons daemons = new Daemons(new Located(script));
    List<String> client = List.of("setsid", script.toString(), "berth", PLACE + "/mnt");
    List<String> impostor = new ArrayList<>(List.of("unshare", "--mount"));
    impostor.addAll(client);
    started.add(new ProcessBuilder(impostor).start());
    Process real = new ProcessBuilder(client).start();
    started.add(real);
    await()
        .until(
            () ->
                started.stream()
                    .allMatch(process -> new OwnProcess(process.pid()).command().equals("s3fs")));
    assertThat(daemons.find(Tool.FUSE, Path.of(PLACE)))
        .extracting(ProcessId::pid)
        .containsExactly(real.pid());
  }

  private OwnProcess start(String... by) throws IOException {
    List<String> line = new ArrayList<>(List.of(by));
    line.addAll(List.of(SLEEP.toString(), "3600"));
    return started(line);
  }

  /** Waits for the program that the others become, or have started. */
  private OwnProcess started(List<String> line) throws IOException {
    Process process = new ProcessBuilder(line).start();
    started.add(process);
    await().until(() -> sleeping(process).isPresent());
    return new OwnProcess(sleeping(process).orElseThrow());
  }

  private static Optional<Long> sleeping(Process process) {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(process.toHandle()), process.descendants())
        .map(ProcessHandle::pid)
        .filter(pid -> new OwnProcess(pid).command().equals("sleep"))
        .findFirst();
  }

  private static boolean mayRun(OwnProcess process) {
    return process.mayRun(SLEEP);
  }

  private static final CommandRunner LOCATED = new Located(SLEEP);

  /** All programs are this one. */
  private record Located(Path program) implements CommandRunner {
    @Override
    public CommandResult run(Command command) {
      throw new AssertionError("not to be run: " + command);
    }

    @Override
    public Optional<Path> locate(Tool tool) {
      return Optional.of(program);
    }
  }
}
