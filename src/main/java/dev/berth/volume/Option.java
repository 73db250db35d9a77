package dev.berth.volume;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One option of a volume, typed.
 *
 * @param name AWS's own word where AWS has one, in camel case; users may write it in any case, with
 *     {@code -} or {@code _} between the words
 * @param hint what a value looks like, for error texts and help
 * @param family whether users give {@code name.KEY=value}, any number of times
 * @param parser from the text a user wrote; throws {@link VolumeException.Invalid}
 * @param printer to the canonical text, which {@code parser} reads back as an equal value
 * @param settles the names of options whose defaults do not count where this one is given
 */
public record Option<T>(
    String name,
    String hint,
    boolean family,
    Function<String, T> parser,
    Function<T, String> printer,
    Set<String> settles) {

  public static <T> Option<T> of(
      String name, String hint, Function<String, T> parser, Function<T, String> printer) {
    return new Option<>(name, hint, false, parser, printer, Set.of());
  }

  public static Option<ByteSize> size(String name) {
    return of(
        name, "a size such as 20GiB, 512MiB or 20 (GiB)", ByteSize::parse, ByteSize::toString);
  }

  /** A text that matches {@code pattern} whole. */
  public static Option<String> text(String name, String hint, Pattern pattern) {
    return of(name, hint, text -> matching(text, hint, pattern), text -> text);
  }

  /** A family {@code name.KEY} whose values match {@code pattern} whole. */
  public static Option<String> family(String name, String hint, Pattern pattern) {
    return new Option<>(
        name, hint, true, text -> matching(text, hint, pattern), text -> text, Set.of());
  }

  /** A decimal number from {@code least} to {@code most}, both included. */
  public static Option<Integer> number(String name, int least, int most) {
    String hint = range(least, most);
    return of(
        name, hint, text -> Math.toIntExact(number(text, hint, least, most)), String::valueOf);
  }

  /** As the other, for numbers that need not fit into 31 bits. */
  public static Option<Long> number(String name, long least, long most) {
    String hint = range(least, most);
    return of(name, hint, text -> number(text, hint, least, most), String::valueOf);
  }

  private static String range(long least, long most) {
    return "a number from %d to %d".formatted(least, most);
  }

  /** {@code true} or {@code false}. */
  public static Option<Boolean> flag(String name) {
    return of(name, "true or false", Option::parseFlag, String::valueOf);
  }

  private static Boolean parseFlag(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new VolumeException.Invalid("'%s' is not true or false".formatted(text));
    };
  }

  /** One of the constants of {@code type}, written in lower case. */
  public static <E extends Enum<E>> Option<E> oneOf(String name, Class<E> type) {
    return oneOf(name, type, constant -> constant.name().toLowerCase(Locale.ROOT));
  }

  /** One of the constants of {@code type}, by words of its own. */
  public static <E extends Enum<E>> Option<E> oneOf(
      String name, Class<E> type, Function<E, String> word) {
    String hint =
        Arrays.stream(type.getEnumConstants())
            .map(word)
            .collect(Collectors.joining(", ", "one of ", ""));
    return of(name, hint, text -> constant(type, word, text, hint), word);
  }

  /** This option, for which {@code others} have no defaults: what it names decides about them. */
  public Option<T> settling(Option<?>... others) {
    return new Option<>(
        name,
        hint,
        family,
        parser,
        printer,
        Arrays.stream(others).map(Option::name).collect(Collectors.toUnmodifiableSet()));
  }

  private static <E extends Enum<E>> E constant(
      Class<E> type, Function<E, String> word, String text, String hint) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> fold(word.apply(constant)).equals(fold(text)))
        .findFirst()
        .orElseThrow(() -> new VolumeException.Invalid("'%s' is not %s".formatted(text, hint)));
  }

  private static String fold(String word) {
    return word.strip().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String matching(String text, String hint, Pattern pattern) {
    if (!pattern.matcher(text).matches()) {
      throw new VolumeException.Invalid("'%s' is not %s".formatted(text, hint));
    }
    return text;
  }

  private static long number(String text, String hint, long least, long most) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new VolumeException.Invalid("'%s' is not %s".formatted(text, hint), e);
    }
    throw new VolumeException.Invalid("'%s' is not %s".formatted(text, hint));
  }
}
