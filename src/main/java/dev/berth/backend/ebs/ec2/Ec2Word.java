package dev.berth.backend.ebs.ec2;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Between EC2's words for states, such as {@code in-use}, and constants of an enum. */
final class Ec2Word {
  private Ec2Word() {}

  /** The constant of that word, or {@code unknown} if EC2 says what this Berth does not know. */
  static <E extends Enum<E>> E parse(@Nullable String word, E unknown) {
    if (word != null) {
      for (E constant : unknown.getDeclaringClass().getEnumConstants()) {
        if (of(constant).equals(word)) {
          return constant;
        }
      }
    }
    return unknown;
  }

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
