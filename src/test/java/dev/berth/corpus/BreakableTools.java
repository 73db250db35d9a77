package dev.berth.corpus;

import dev.berth.host.Command;
import dev.berth.host.CommandResult;
import dev.berth.host.CommandRunner;
import dev.berth.host.HostException;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The programs of this host, with a memory of what was run; one of them can be broken. What a
 * broken one does is done by a real process.
 */
final class BreakableTools implements CommandRunner {
  private static final Duration SHORT = Duration.ofSeconds(1);

  private final List<Command> ran = new CopyOnWriteArrayList<>();
  private final Path directory;
  private Optional<Tool> broken = Optional.empty();
  private Fault fault = Fault.FAILS;
  private int fired;

  BreakableTools(Path directory) {
    this.directory = directory;
  }

  /** What a program does instead of its work. */
  enum Fault {
    FAILS("echo no luck today >&2; exit 1"),
    ENDS_WITH_2("exit 2"),
    PRINTS_NOTHING("exit 0"),
    PRINTS_NONSENSE("echo '<<<>>>'; exit 0"),
    DIES("kill -9 $$"),
    HANGS("echo $$ > \"${0%/*}/pid\"; exec sleep 300"),
    IS_MISSING("");

    private final String script;

    Fault(String script) {
      this.script = script;
    }
  }

  void breakTool(Tool tool, Fault how) {
    broken = Optional.of(tool);
    fault = how;
    try {
      Path program = directory.resolve(tool.program());
      Files.writeString(program, "#!/bin/sh\n%s\n".formatted(fault.script));
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void mend() {
    broken = Optional.empty();
  }

  @Override
  public CommandResult run(Command command) {
    ran.add(command);
    if (broken.filter(command.tool()::equals).isEmpty()) {
      return new ProcessCommandRunner().run(command);
    }
    fired++;
    if (fault == Fault.IS_MISSING) {
      throw new HostException.ToolMissing(command.tool());
    }
    return new ProcessCommandRunner(directory.toString())
        .run(fault == Fault.HANGS ? command.within(SHORT) : command);
  }

  @Override
  public Optional<Path> locate(Tool tool) {
    return new ProcessCommandRunner().locate(tool);
  }

  /** How often a program was run, or would have been. */
  long runs(Tool tool) {
    return ran.stream().filter(command -> command.tool() == tool).count();
  }

  /** How often the broken program was asked for. */
  int fired() {
    return fired;
  }

  /** The process that hung; empty if none did. */
  Optional<ProcessHandle> hung() throws IOException {
    Path pid = directory.resolve("pid");
    return Files.exists(pid)
        ? ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        : Optional.empty();
  }
}
