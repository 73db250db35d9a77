package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessCommandRunnerTest {
  /** Ends when its output is being waited for, and leaves somebody who could go on with it. */
  private static final String OUTPUT_WITHOUT_END = "sleep 1; sleep 30 &";

  private static final Path DEVICE = Path.of("/dev/a-device");

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path directory;

  @Test
  void bothStreamsAndTheExitStatusAreKept() throws IOException {
    tool(Tool.BLKID, "echo out; echo err >&2; exit 3");
    CommandResult result = runner().run(Command.of(Tool.BLKID));
    assertThat(result.output()).isEqualTo("out\n");
    assertThat(result.errors()).isEqualTo("err\n");
    assertThat(result.exit()).isEqualTo(3);
  }

  @Test
  void ofLongOutputTheBeginningIsKept() throws IOException {
    tool(Tool.BLKID, "head -c 1000000 /dev/zero");
    assertThat(runner().run(Command.of(Tool.BLKID)).output()).hasSize(64 * 1024);
  }

  @Test
  void outputThatCannotBeReadWholeIsAnError() throws IOException {
    tool(Tool.BLKID, "echo begun; " + OUTPUT_WITHOUT_END);
    assertThatThrownBy(() -> runner().run(Command.of(Tool.BLKID)))
        .isInstanceOf(HostException.Io.class)
        .hasMessageContaining("'blkid'")
        .hasMessageContaining("could not be read whole");
  }

  @Test
  void itsEnvironmentHoldsNothingOfBerths() throws IOException {
    tool(Tool.BLKID, "env");
    assertThat(System.getenv()).containsKey("JAVA_HOME");
    assertThat(runner().run(Command.of(Tool.BLKID)).output().lines().toList())
        .contains("HOME=/root", "LANG=C", "LC_ALL=C", "PATH=" + System.getenv("PATH"))
        .allMatch(line -> line.matches("(HOME|LANG|LC_ALL|PATH|PWD|OLDPWD|SHLVL|_)=.*"));
  }

  /** Formatting depends on it. */
  @Test
  void aProbeWhoseOutputWasNotReadFindsNotNothing() throws IOException {
    tool(Tool.BLKID, "exit 2");
    tool(Tool.WIPEFS, "true");
    assertThat(new Signatures(runner()).probe(DEVICE)).isEmpty();
    tool(Tool.WIPEFS, OUTPUT_WITHOUT_END);
    assertThatThrownBy(() -> new Signatures(runner()).probe(DEVICE))
        .isInstanceOf(HostException.Io.class);
  }

  /** A program that hangs in the kernel, for good, would keep carriers of all virtual threads. */
  @Test
  void outputIsReadOnThreadsOfItsOwn() throws IOException {
    Path named = directory.resolve("named");
    tool(
        Tool.BLKID,
        "echo $$ > NAMED.part; mv NAMED.part NAMED; while [ -e NAMED ]; do sleep 0.1; done"
            .replace("NAMED", named.toString()));
    Future<CommandResult> run = Async.start(() -> runner().run(Command.of(Tool.BLKID)));
    await().atMost(LIMIT).until(() -> Files.exists(named));
    String reader = "output of process " + Files.readString(named).strip();
    assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
        .filteredOn(reader::equals)
        .hasSize(2);
    Files.delete(named);
    assertThat(Async.get(run, LIMIT).exit()).isEqualTo(0);
  }

  /** Nobody would wait for it or end it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void withoutThreadsForItsOutputNoProgramIsStarted(int missing) throws IOException {
    Path calm = directory.resolve("calm");
    tool(Tool.BLKID, "[ -e %s ] || sleep 600".formatted(calm));
    AtomicInteger wanted = new AtomicInteger();
    ProcessCommandRunner starved =
        new ProcessCommandRunner(
            directory.toString(),
            (name, work) -> {
              if (wanted.incrementAndGet() == missing) {
                throw Threads.none(name, new OutOfMemoryError("unable to create native thread"));
              }
              Threads.start(name, work);
            });
    assertThatThrownBy(() -> starved.run(Command.of(Tool.BLKID)))
        .isInstanceOf(HostException.Io.class)
        .hasMessageContaining("no more threads");
    try {
      assertThat(running()).isEmpty();
    } finally {
      running().forEach(ProcessHandle::destroyForcibly);
    }
    await()
        .atMost(LIMIT)
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("output of blkid")));
    Files.createFile(calm);
    assertThat(starved.run(Command.of(Tool.BLKID)).exit()).isEqualTo(0);
  }

  /** The test's programs that run now, and what they started. */
  private List<ProcessHandle> running() {
    return ProcessHandle.current()
        .children()
        .filter(
            child ->
                child.info().commandLine().orElse("").contains(directory.resolve("blkid") + ""))
        .flatMap(child -> Stream.concat(child.descendants(), Stream.of(child)))
        .toList();
  }

  private ProcessCommandRunner runner() {
    return new ProcessCommandRunner(directory.toString());
  }

  private void tool(Tool tool, String script) throws IOException {
    Path program = directory.resolve(tool.program());
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
