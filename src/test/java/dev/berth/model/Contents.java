package dev.berth.model;

import dev.berth.testing.Async;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a mounted volume. All that is done with them ends in time, or is a failure. */
final class Contents {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Contents() {}

  static Map<String, String> read(Path directory) {
    return Async.get(Async.start(() -> readAll(directory)), LIMIT);
  }

  private static Map<String, String> readAll(Path directory) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        found.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return found;
  }

  static void write(Path file, String text) {
    Async.get(Async.start(() -> Files.writeString(file, text)), LIMIT);
  }

  static void delete(Path file) {
    Async.get(Async.start(() -> Files.deleteIfExists(file)), LIMIT);
  }

  /** How large the filesystem is, in bytes. */
  static long capacity(Path directory) {
    try {
      return Files.getFileStore(directory).getTotalSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
