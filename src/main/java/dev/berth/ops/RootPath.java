package dev.berth.ops;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which paths Berth's root must not have, though Linux allows them: those that would be read as
 * something else on the way to a file of it.
 */
final class RootPath {
  private static final int DECODED_FROM_OTHER_BYTES = 0xFFFD;

  private RootPath() {}

  /** Why {@code root} cannot be used, and what to do; empty if it can. */
  static Optional<String> refusal(Path root) {
    String text = root.toString();
    if (text.indexOf('?') >= 0) {
      return refused(
          root, "has a question mark, behind which SQLite and e2fsck read options, not names");
    }
    if (text.indexOf(DECODED_FROM_OTHER_BYTES) >= 0) {
      return refused(root, "has bytes that are no UTF-8");
    }
    return text.codePoints().anyMatch(Character::isISOControl)
        ? refused(root, "has control characters, such as a line's end")
        : Optional.empty();
  }

  private static Optional<String> refused(Path root, String why) {
    return Optional.of(
        "berth.root=%s %s: set it to another directory"
            .formatted(root.toString().replaceAll("\\p{Cntrl}", "?"), why));
  }
}
