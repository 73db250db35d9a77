package dev.berth.backend.s3;

import dev.berth.host.FuseFilesystem;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.host.ProcessId;
import dev.berth.volume.VolumeId;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a mounted volume has on this host: {@code <berth.root>/s3/<volume id>}, readable by root
 * only, with the record of its client, the client's log, cache and temporary files, and the
 * directories at which clients mount before their mounts are put in place.
 */
record ClientDirectory(Path path) {
  private static final Logger LOG = Logger.getLogger(ClientDirectory.class);
  private static final String RECORD = "client.properties";
  private static final String STAGING = "mount.";

  static ClientDirectory of(Path root, VolumeId volume) {
    return new ClientDirectory(root.resolve(volume.value()));
  }

  Path log() {
    return path.resolve("client.log");
  }

  /** Where the client of that generation mounts. */
  Path staging(int generation) {
    return path.resolve(STAGING + generation);
  }

  /** Makes the directories that a client needs. There already: success. */
  void make(int generation) {
    try {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (String name : List.of("cache", "secret")) {
        Files.createDirectories(path.resolve(name));
      }
      Files.createDirectories(staging(generation));
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + path, e);
    }
  }

  /** Writes files that root alone may read, complete or not at all, in place of what is there. */
  void writeSecret(Path file, String content) {
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      Files.createFile(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(part, content);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new HostException.Io("cannot write " + file, e);
    }
  }

  void deleteSecrets() {
    delete(path.resolve("secret"), List.of());
  }

  /**
   * The record of the client, empty if there is none. One that cannot be understood, as a host that
   * lost its power may leave it, is none: what it told of is gone with that boot.
   */
  Optional<ClientRun> read() {
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(path.resolve(RECORD))) {
      facts.load(reader);
      return run(facts);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
      LOG.warnf(e, "the record in %s cannot be understood", path);
      return Optional.empty();
    } catch (IOException e) {
      throw new HostException.Io("cannot read the record in " + path, e);
    }
  }

  private static Optional<ClientRun> run(Properties facts) {
    return ClientKind.of(facts.getProperty("client", ""))
        .map(
            kind ->
                new ClientRun(
                    facts.getProperty("boot", ""),
                    kind,
                    Integer.parseInt(facts.getProperty("generation", "1")),
                    words(facts, "process").map(ClientDirectory::process).findFirst(),
                    words(facts, "device").map(FuseFilesystem::parse).findFirst(),
                    words(facts, "replaced").map(FuseFilesystem::parse).toList(),
                    words(facts, "retired").map(ClientDirectory::process).toList(),
                    Integer.parseInt(facts.getProperty("keysPort", "0")),
                    words(facts, "keysExpire").map(Instant::parse).findFirst(),
                    facts.getProperty("keysPrint", "")));
  }

  /** Writes the record so that it appears complete, or not at all. */
  void write(ClientRun run) {
    Properties facts = new Properties();
    facts.setProperty("boot", run.bootId());
    facts.setProperty("client", run.client().word());
    facts.setProperty("generation", "" + run.generation());
    facts.setProperty("process", text(run.process().stream()));
    facts.setProperty("device", run.filesystem().map(FuseFilesystem::toString).orElse(""));
    facts.setProperty(
        "replaced",
        run.replaced().stream().map(FuseFilesystem::toString).collect(Collectors.joining(" ")));
    facts.setProperty("retired", text(run.retired().stream()));
    facts.setProperty("keysPort", "" + run.keysPort());
    facts.setProperty("keysExpire", run.keysExpire().map(Instant::toString).orElse(""));
    facts.setProperty("keysPrint", run.keysPrint());
    Path part = path.resolve(RECORD + ".part");
    try {
      try (Writer writer = Files.newBufferedWriter(part)) {
        facts.store(writer, null);
      }
      Files.move(part, path.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new HostException.Io("cannot write the record in " + path, e);
    }
  }

  private static String text(Stream<ProcessId> processes) {
    return processes.map(id -> id.pid() + "@" + id.startTicks()).collect(Collectors.joining(" "));
  }

  private static ProcessId process(String text) {
    int at = text.indexOf('@');
    return new ProcessId(
        Long.parseLong(text.substring(0, at)), Long.parseLong(text.substring(at + 1)));
  }

  private static Stream<String> words(Properties facts, String name) {
    return Arrays.stream(facts.getProperty(name, "").split(" ", -1))
        .filter(word -> !word.isEmpty());
  }

  /** The mounts at which clients of this volume have mounted and that were not taken away yet. */
  List<Path> stagingMounts() {
    return MountTable.own().entries().stream()
        .map(MountEntry::mountpoint)
        .filter(mountpoint -> mountpoint.isIn(path))
        .map(mountpoint -> Path.of(mountpoint.toString()))
        .filter(mountpoint -> mountpoint.getFileName().toString().startsWith(STAGING))
        .toList();
  }

  /** The file with the filesystem of a client's cache. */
  static Path cacheImage(Path directory) {
    return directory.resolve("cache.img");
  }

  /** Deletes all of it, but the client's cache if {@code keepCache}. Absent: success. */
  void delete(boolean keepCache) {
    if (MountTable.own().entries().stream().anyMatch(entry -> entry.mountpoint().isIn(path))) {
      throw new HostException.Unexpected("something is still mounted in " + path);
    }
    delete(path, keepCache ? List.of(path, path.resolve("cache"), cacheImage(path)) : List.of());
  }

  private static void delete(Path tree, List<Path> kept) {
    if (Files.notExists(tree)) {
      return;
    }
    try {
      Files.walkFileTree(
          tree,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
              return kept.contains(directory) && !directory.equals(tree)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              if (!kept.contains(file)) {
                Files.deleteIfExists(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
                throws IOException {
              if (e != null) {
                throw e;
              }
              if (!kept.contains(directory)) {
                Files.deleteIfExists(directory);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new HostException.Io("cannot delete " + tree, e);
    }
  }

  /** What its cached and temporary files take, in bytes; what goes meanwhile is not counted. */
  long size() {
    return size(path.resolve("cache"));
  }

  private static long size(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      return files.mapToLong(ClientDirectory::length).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  private static long length(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
