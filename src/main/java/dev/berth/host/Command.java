package dev.berth.host;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program with its arguments, which no shell reads, and the time it is given.
 *
 * @param timeout after which it is killed
 */
public record Command(Tool tool, List<String> arguments, Duration timeout) {
  private static final Duration USUAL = Duration.ofSeconds(30);

  public Command {
    arguments = List.copyOf(arguments);
  }

  /** With 30 seconds to finish. */
  public static Command of(Tool tool, String... arguments) {
    return new Command(tool, List.of(arguments), USUAL);
  }

  public static Command of(Tool tool, List<String> arguments) {
    return new Command(tool, arguments, USUAL);
  }

  public Command within(Duration next) {
    return new Command(tool, arguments, next);
  }

  /** The command line for people, unquoted. */
  @Override
  public String toString() {
    return String.join(" ", Stream.concat(Stream.of(tool.program()), arguments.stream()).toList());
  }
}
