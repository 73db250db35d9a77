package dev.berth.volume;

/** What a user wrote, as an error text shows it: on one line, and not all of it if it is long. */
public final class Shown {
  private static final int LONGEST = 64;

  private Shown() {}

  public static String of(String text) {
    return of(text, LONGEST);
  }

  /** Of a text that may be longer: at most so many characters. */
  public static String of(String text, int longest) {
    String start = text.length() <= longest ? text : text.substring(0, longest) + "…";
    return start.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }

  /** Whether {@code text} is on one line and of at most {@code longest} characters. */
  static boolean isPlain(String text, int longest) {
    return text.length() <= longest && text.chars().noneMatch(Character::isISOControl);
  }
}
