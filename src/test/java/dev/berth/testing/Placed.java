package dev.berth.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file in a system directory that is taken away again. */
public record Placed(Path file) implements AutoCloseable {
  public static Placed at(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return new Placed(file);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
