package dev.berth.ec2sim.query;

import java.util.List;
import java.util.regex.Pattern;

/** One filter of a describe: any of its values, in which {@code *} and {@code ?} are wild. */
public record Filter(String name, List<String> values) {
  boolean matches(String candidate) {
    return values.stream().anyMatch(value -> pattern(value).matcher(candidate).matches());
  }

  private static Pattern pattern(String value) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      regex.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
