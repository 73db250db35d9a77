package dev.berth.ledger.sqlite;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * SQLite's native library. Where none lies in {@code java.library.path} for this processor, the
 * driver unpacks the one in its jar, at each start.
 */
final class SqliteLibrary {
  private static final String PATH = "org.sqlite.lib.path";
  private static final String NAME = "org.sqlite.lib.name";

  private SqliteLibrary() {}

  /** Tells the driver to use the library that lies there, if one does and nothing else is set. */
  static void prefer() {
    if (System.getProperty(PATH) != null) {
      return;
    }
    String name = "libsqlitejdbc-%s.so".formatted(System.getProperty("os.arch"));
    String directories = System.getProperty("java.library.path", "");
    Optional<Path> found =
        Stream.of(directories.split(File.pathSeparator))
            .map(Path::of)
            .filter(directory -> Files.exists(directory.resolve(name)))
            .findFirst();
    if (found.isPresent()) {
      System.setProperty(PATH, found.get().toString());
      System.setProperty(NAME, name);
    }
  }
}
