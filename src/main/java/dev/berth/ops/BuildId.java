package dev.berth.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Names the build that the classes are of: its version, and a digest of all that its jar holds. */
final class BuildId {
  private BuildId() {}

  /** As it was put into the jar when the folder was made; {@code unassembled} before that. */
  static String ofTheseClasses() {
    try (InputStream id = BuildId.class.getResourceAsStream("/berth-build-id")) {
      return id == null
          ? "unassembled"
          : new String(id.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
