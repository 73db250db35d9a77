package dev.berth.corpus;

import dev.berth.corpus.ForeignImage.Writer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** Bytes put at, or taken from, places of a file. */
final class RawBytes {
  private RawBytes() {}

  static Writer at(long offset, byte[] bytes) {
    return file -> write(file, offset, bytes);
  }

  /** What {@code whole} writes, with {@code length} bytes at {@code offset} zeroed afterwards. */
  static Writer zeroed(Writer whole, long offset, int length) {
    return file -> {
      whole.write(file);
      write(file, offset, new byte[length]);
    };
  }

  /** Of what {@code whole} writes, only the bytes at {@code offset}; they must not be all zero. */
  static Writer onlyAt(Writer whole, long offset, int length) {
    return file -> {
      whole.write(file);
      byte[] kept = new byte[length];
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        long size = open.length();
        open.seek(offset);
        open.readFully(kept);
        open.setLength(0);
        open.setLength(size);
      }
      write(file, offset, kept);
    };
  }

  static void write(Path file, long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(offset);
      open.write(bytes);
    }
  }
}
