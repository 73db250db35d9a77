package dev.berth.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program that is to go on by itself.
 *
 * @param environment all of it, but PATH and the locale; may hold secrets, and is never printed
 * @param log takes what it prints on both streams, at the end of what is there
 */
public record DaemonCommand(
    Tool tool, List<String> arguments, Map<String, String> environment, Path log) {
  public DaemonCommand {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** The command line for people, unquoted and without the environment. */
  @Override
  public String toString() {
    return Stream.concat(Stream.of(tool.program()), arguments.stream())
        .collect(Collectors.joining(" "));
  }
}
