package dev.berth.volume;

import java.util.regex.Pattern;

/**
 * What others wrote, as an error text, a log and a table can show it: on one line, without what a
 * terminal would obey, and not all of it if it is long. Text passes through here where it comes in.
 */
public final class Shown {
  private static final int LONGEST = 64;
  private static final int LONGEST_SAID = 500;
  private static final Pattern FULL_STOP = Pattern.compile("(?<![.])[.]$");

  private Shown() {}

  /** What a user wrote: the first 64 characters. */
  public static String of(String text) {
    return of(text, LONGEST);
  }

  /**
   * What a store, a cloud or a program said: the first 500 characters, its lines as one, without
   * the full stop that our own sentence brings.
   */
  public static String said(String text) {
    String start = text.substring(0, Math.min(text.length(), 2 * LONGEST_SAID));
    String line = start.strip().replaceAll("\\s*[\\r\\n]\\s*", "; ");
    return of(FULL_STOP.matcher(line).replaceFirst(""), LONGEST_SAID);
  }

  /** Of a text that may be longer: at most so many characters. */
  public static String of(String text, int longest) {
    String start = text.length() <= longest ? text : text.substring(0, longest) + "…";
    return start.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }

  /** Whether {@code text} is on one line and of at most {@code longest} characters. */
  static boolean isPlain(String text, int longest) {
    return text.length() <= longest && text.chars().noneMatch(Character::isISOControl);
  }
}
