package dev.berth.host;

/**
 * How a program ended: its exit status, and the first 64 KiB of what it printed on each of its two
 * streams.
 */
public record CommandResult(Command command, int exit, String output, String errors) {
  /** This result if the program ended with 0, else {@link HostException.ToolFailed}. */
  public CommandResult orFail() {
    if (exit != 0) {
      throw failed();
    }
    return this;
  }

  /** The failure this result is, for callers that read exit statuses themselves. */
  public HostException.ToolFailed failed() {
    return new HostException.ToolFailed(this);
  }
}
