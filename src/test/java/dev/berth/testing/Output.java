package dev.berth.testing;

import java.util.List;

/** What a program printed, and its exit status. */
public record Output(List<String> command, int status, String out, String err) {
  public Output orFail() {
    if (status != 0) {
      throw new AssertionError(describe());
    }
    return this;
  }

  public boolean succeeded() {
    return status == 0;
  }

  /** Standard output without the white space around it. */
  public String text() {
    return out.strip();
  }

  public List<String> lines() {
    return out.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  public String describe() {
    return "'%s': exit %d%nstdout: %s%nstderr: %s"
        .formatted(String.join(" ", command), status, out.strip(), err.strip());
  }
}
