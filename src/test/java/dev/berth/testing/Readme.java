package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that a section of the README tells its readers to run. */
public record Readme(List<String> commands) {
  private static final String INDENT = "    ";
  private static final Pattern COMMENT = Pattern.compile(" +# .*");
  private static final Pattern SETTING = Pattern.compile("(\\w+)=(\\S+)");

  /** The indented lines below that heading, without comments; a section without any is an error. */
  public static Readme section(String heading) {
    List<String> commands = new ArrayList<>();
    boolean inside = false;
    for (String line : lines()) {
      if (line.startsWith("## ")) {
        inside = line.equals("## " + heading);
      } else if (inside && line.startsWith(INDENT)) {
        commands.add(COMMENT.matcher(line.strip()).replaceFirst(""));
      }
    }
    if (commands.isEmpty()) {
      throw new AssertionError("the README has no commands under '%s'".formatted(heading));
    }
    return new Readme(List.copyOf(commands));
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of("README.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The variables that its {@code export} lines set. */
  public Map<String, String> exports() {
    Map<String, String> variables = new HashMap<>();
    for (String command : commands) {
      Matcher setting = SETTING.matcher(command.startsWith("export ") ? command : "");
      while (setting.find()) {
        variables.put(setting.group(1), setting.group(2));
      }
    }
    return variables;
  }

  /** The commands from the first that begins with {@code first} on. */
  public List<String> from(String first) {
    List<String> left = commands.stream().dropWhile(command -> !command.startsWith(first)).toList();
    if (left.isEmpty()) {
      throw new AssertionError("no command begins with '%s': %s".formatted(first, commands));
    }
    return left;
  }
}
