package dev.berth.host;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why the operating system did not do what it was asked. */
public abstract sealed class HostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private HostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** A program is not installed. */
  public static final class ToolMissing extends HostException {
    private static final long serialVersionUID = 1L;

    public ToolMissing(Tool tool) {
      super(
          "the program %s is not installed; install the package %s"
              .formatted(tool.program(), tool.debianPackage()),
          null);
    }
  }

  /** A program did not end in its time and was killed; what it changed is not known. */
  public static final class ToolTimedOut extends HostException {
    private static final long serialVersionUID = 1L;

    public ToolTimedOut(Command command) {
      super(
          "'%s' was still running after %d s and was killed"
              .formatted(command, command.timeout().toSeconds()),
          null);
    }
  }

  /** A program ended with an exit status that its caller does not take for a success. */
  public static final class ToolFailed extends HostException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 2000;
    private final int exit;
    private final String errors;

    public ToolFailed(CommandResult result) {
      super(
          "'%s' ended with %d: %s".formatted(result.command(), result.exit(), said(result)), null);
      exit = result.exit();
      errors = result.errors();
    }

    public int exit() {
      return exit;
    }

    public String errors() {
      return errors;
    }

    /**
     * On one line, without control characters and the full stop that our own sentence brings, and
     * not all of it: tools print names they find.
     */
    private static String said(CommandResult result) {
      String said = (result.errors().isBlank() ? result.output() : result.errors()).strip();
      String line = said.replaceAll("\\s*[\\r\\n]\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
      return line.isEmpty()
          ? "(it printed nothing)"
          : line.substring(0, Math.min(line.length(), LONGEST)).replaceFirst("(?<![.])[.]$", "");
    }
  }

  /** A file or a device could not be read or written. */
  public static final class Io extends HostException {
    private static final long serialVersionUID = 1L;

    public Io(String message, Throwable cause) {
      super(message + ": " + reason(cause), cause);
    }

    private static String reason(Throwable cause) {
      String message = cause.getMessage();
      return message == null ? cause.getClass().getSimpleName() : message;
    }
  }

  /** The kernel refused a call. */
  public static final class CallFailed extends HostException {
    private static final long serialVersionUID = 1L;

    /**
     * @param call what was called, and on what
     * @param errno negated or not
     */
    CallFailed(String call, long errno) {
      super("%s: %s".formatted(call, Libc.message(errno)), null);
    }
  }

  /** What is there is not what was expected, and to go on would be a guess. */
  public static final class Unexpected extends HostException {
    private static final long serialVersionUID = 1L;

    public Unexpected(String message) {
      super(message, null);
    }
  }
}
