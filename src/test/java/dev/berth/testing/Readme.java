package dev.berth.testing;

import java.nio.file.Path;
import java.util.List;

/** The commands that the README tells users to type. */
public final class Readme {
  private static final String INDENT = "    ";

  private Readme() {}

  /** The commands below a heading, without their comments; fails if there are none. */
  public static List<String> commands(String heading) {
    List<String> commands =
        Traces.read(Path.of("README.md"))
            .lines()
            .dropWhile(line -> !line.equals("## " + heading))
            .skip(1)
            .takeWhile(line -> !line.startsWith("#"))
            .filter(line -> line.startsWith(INDENT))
            .map(line -> line.replaceFirst(" +# .*$", "").strip())
            .toList();
    if (commands.isEmpty()) {
      throw new AssertionError("the README has no commands below '%s'".formatted(heading));
    }
    return commands;
  }
}
