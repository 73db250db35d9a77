package dev.berth.backend.block;

import dev.berth.host.Command;
import dev.berth.host.CommandResult;
import dev.berth.host.CommandRunner;
import dev.berth.host.HostException;
import dev.berth.host.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A filesystem that is flushed, frozen and thawed as the kernel does it: a freeze waits for the
 * writes in flight, its process with it, whatever kills that; what is not frozen completely cannot
 * be thawed. As with real commands, an interrupted thread can run none.
 */
final class FreezableFilesystem implements CommandRunner {
  private static final int FAILED = 1;

  private final List<String> done = new ArrayList<>();
  private boolean writing;
  private boolean frozen;
  private Optional<Process> freezing = Optional.empty();

  synchronized List<String> done() {
    return List.copyOf(done);
  }

  synchronized boolean isFrozen() {
    return frozen;
  }

  synchronized void beginWrite() {
    writing = true;
  }

  /** A freeze that waits for them is completed, and its process ends. */
  void endWrites() {
    Optional<Process> ending;
    synchronized (this) {
      writing = false;
      frozen |= freezing.isPresent();
      ending = freezing;
      freezing = Optional.empty();
    }
    ending.ifPresent(process -> process.destroyForcibly().onExit().join());
  }

  synchronized void freezeAsAnotherProcess(Path root) {
    if (writing) {
      freezing = Optional.of(waiting(root.toString()));
    } else {
      frozen = true;
    }
  }

  @Override
  public synchronized CommandResult run(Command command) {
    if (Thread.currentThread().isInterrupted()) {
      throw new HostException.Io("interrupted", new InterruptedException());
    }
    if (command.tool() == Tool.SYNC) {
      return answer("flush", command, "");
    }
    return command.arguments().getFirst().equals("--freeze") ? freeze(command) : thaw(command);
  }

  private CommandResult freeze(Command command) {
    if (frozen || freezing.isPresent()) {
      return answer("freeze", command, "freeze failed: Device or resource busy");
    }
    if (writing) {
      freezing = Optional.of(waiting(command.arguments().getLast()));
      done.add("freeze");
      throw new HostException.ToolTimedOut(command);
    }
    frozen = true;
    return answer("freeze", command, "");
  }

  private CommandResult thaw(Command command) {
    String errors = frozen ? "" : "unfreeze failed: Invalid argument";
    frozen = false;
    return answer("thaw", command, errors);
  }

  private CommandResult answer(String what, Command command, String errors) {
    done.add(what);
    return new CommandResult(command, errors.isEmpty() ? 0 : FAILED, "", errors);
  }

  /** A process with the name and the arguments of the one that freezes. */
  private static Process waiting(String root) {
    String script = "echo fsfreeze > /proc/$$/comm; echo named; read line";
    try {
      Process process =
          new ProcessBuilder("sh", "-c", script, "fsfreeze", "--freeze", root).start();
      process.inputReader().readLine();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Only the process that waits counts, and that runs a shell. */
  @Override
  public Optional<Path> locate(Tool tool) {
    return Optional.of(Path.of("/bin/sh"));
  }
}
