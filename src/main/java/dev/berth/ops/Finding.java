package dev.berth.ops;

/**
 * What a check of the host found.
 *
 * @param message what is so and, if that is bad, what to do about it
 */
public record Finding(String check, Severity severity, String message) {
  /** How bad it is; an error keeps volumes from working. */
  public enum Severity {
    OK,
    WARNING,
    ERROR
  }

  static Finding ok(String check, String message) {
    return new Finding(check, Severity.OK, message);
  }

  static Finding warning(String check, String message) {
    return new Finding(check, Severity.WARNING, message);
  }

  static Finding error(String check, String message) {
    return new Finding(check, Severity.ERROR, message);
  }
}
