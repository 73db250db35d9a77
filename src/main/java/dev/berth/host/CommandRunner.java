package dev.berth.host;

import java.nio.file.Path;
import java.util.Optional;

/** Runs programs. Standard input is empty, the locale is C. */
public interface CommandRunner {
  /**
   * Runs a program to its end, whatever its exit status. Blocks at most the command's timeout and
   * two seconds; a program still running then is killed, with its children, and {@link
   * HostException.ToolTimedOut} thrown. A program that is not installed is {@link
   * HostException.ToolMissing}, one whose output could not be read whole, though it ended, {@link
   * HostException.Io}.
   */
  CommandResult run(Command command);

  /** Where a program is installed, empty if it is not. */
  Optional<Path> locate(Tool tool);
}
