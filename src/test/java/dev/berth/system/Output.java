package dev.berth.system;

import java.util.List;

/** What a program printed, and its exit status. */
record Output(List<String> command, int status, String out, String err) {
  Output orFail() {
    if (status != 0) {
      throw new AssertionError(describe());
    }
    return this;
  }

  boolean succeeded() {
    return status == 0;
  }

  /** Standard output without the white space around it. */
  String text() {
    return out.strip();
  }

  List<String> lines() {
    return out.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  String describe() {
    return "'%s': exit %d%nstdout: %s%nstderr: %s"
        .formatted(String.join(" ", command), status, out.strip(), err.strip());
  }
}
