package dev.berth.corpus;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Bytes that are not Berth's.
 *
 * @param size of the volume whose file they come to, as its option is written
 * @param found what the refusal has to say
 */
record ForeignImage(String name, String size, Writer writer, String found) {
  /** Writes over a file that is there, has the volume's size and no block in it; the size stays. */
  @FunctionalInterface
  interface Writer {
    void write(Path file) throws IOException;
  }

  @Override
  public String toString() {
    return name;
  }
}
