package dev.berth.ledger.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * Whether the file that is open is still the one at its path. SQLite does not look: it would go on
 * writing to a file that nobody can open again.
 */
final class LedgerFile {
  private final Path file;
  private final Path directory;
  private final List<Path> companions;
  private Optional<Object> directoryKey = Optional.empty();
  private Optional<Stamp> stamp = Optional.empty();
  private List<Optional<Object>> companionKeys = List.of();
  private boolean contentKnown;

  LedgerFile(Path file) {
    this.file = file.toAbsolutePath();
    directory = this.file.resolveSibling(".").normalize();
    companions =
        List.of(
            this.file.resolveSibling(file.getFileName() + "-wal"),
            this.file.resolveSibling(file.getFileName() + "-shm"));
  }

  /** What is at the path now. */
  enum Condition {
    INTACT,
    /** The file is there, but not its write-ahead log. */
    INCOMPLETE,
    DELETED,
    /** Another file is there. */
    REPLACED,
    /** It is the same file with other content. */
    OVERWRITTEN,
    /** Not even the directory is the one it was: deleted, unmounted, or mounted over. */
    OUT_OF_REACH
  }

  /** A file's identity, and its content as far as its attributes show it. */
  private record Stamp(Object key, long size, FileTime modified) {}

  Path path() {
    return file;
  }

  /** The file has just been opened. */
  void noteOpened() {
    directoryKey = attributes(directory).map(BasicFileAttributes::fileKey);
    companionKeys = keys();
    noteWritten();
  }

  /** We have just written to it. */
  void noteWritten() {
    stamp = stamp();
    contentKnown = true;
  }

  /** We have just written to it, but it is not at its path. */
  void noteWrittenElsewhere() {
    contentKnown = false;
  }

  Condition condition() {
    if (!attributes(directory).map(BasicFileAttributes::fileKey).equals(directoryKey)) {
      return Condition.OUT_OF_REACH;
    }
    Optional<Stamp> now = stamp();
    if (now.isEmpty()) {
      return Condition.DELETED;
    }
    if (!now.map(Stamp::key).equals(stamp.map(Stamp::key))) {
      return Condition.REPLACED;
    }
    if (contentKnown && !now.equals(stamp)) {
      return Condition.OVERWRITTEN;
    }
    return keys().equals(companionKeys) ? Condition.INTACT : Condition.INCOMPLETE;
  }

  private Optional<Stamp> stamp() {
    return attributes(file)
        .map(found -> new Stamp(found.fileKey(), found.size(), found.lastModifiedTime()));
  }

  private List<Optional<Object>> keys() {
    return companions.stream()
        .map(companion -> attributes(companion).map(BasicFileAttributes::fileKey))
        .toList();
  }

  private static Optional<BasicFileAttributes> attributes(Path path) {
    try {
      return Optional.of(Files.readAttributes(path, BasicFileAttributes.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
