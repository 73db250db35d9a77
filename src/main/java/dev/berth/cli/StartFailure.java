package dev.berth.cli;

import io.smallrye.config.ConfigValidationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Why the service could not start, for people: a wrong setting is named with its value. */
final class StartFailure {
  private static final Pattern CODES = Pattern.compile("(?:[a-z]\\w*\\.)+[A-Z]\\w*: |SRCFG\\d+: ");
  private static final Pattern NOT_CONVERTED =
      Pattern.compile(
          "The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted (.*)");
  private static final Pattern UNKNOWN =
      Pattern.compile(
          "(\\S+) in (?:\\w+\\[source=(?:file:)?)?([^]]*)]?(?::(\\d+))? does not map to any root");

  private StartFailure() {}

  static String text(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof ConfigValidationException wrong) {
      return IntStream.range(0, wrong.getProblemCount())
          .mapToObj(number -> setting(wrong.getProblem(number).getMessage()))
          .collect(Collectors.joining("; "));
    }
    return String.valueOf(cause.getMessage());
  }

  private static String setting(String problem) {
    String text = CODES.matcher(problem).replaceAll("");
    Matcher value = NOT_CONVERTED.matcher(text);
    if (value.matches()) {
      return "%s=%s: %s".formatted(value.group(1), value.group(2), value.group(3));
    }
    Matcher name = UNKNOWN.matcher(text);
    return name.matches()
        ? "there is no setting %s, which %s has".formatted(name.group(1), name.group(2))
        : text;
  }
}
