package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/** Files with holes, made and copied without filling them; all are readable by their owner only. */
@ApplicationScoped
public class SparseFiles {
  private static final String PART = ".part";
  private final CommandRunner commands;

  public SparseFiles(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * Makes {@code file} {@code size} bytes long, all zero; a longer or shorter file becomes that
   * long.
   */
  public void create(Path file, long size) {
    try {
      if (Files.notExists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      resize(file, size);
      syncDirectory(file);
    } catch (IOException e) {
      throw new HostException.Io("cannot make " + file, e);
    }
  }

  /** Sets the length of a file and makes it durable. */
  public void resize(Path file, long size) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(size);
      open.getFD().sync();
    } catch (IOException e) {
      throw new HostException.Io("cannot set the size of " + file, e);
    }
  }

  /**
   * Copies {@code source} whole: by reflink where the filesystem has it, else with its holes.
   * {@code target} appears complete and durable, or not at all; one that is there is replaced.
   */
  public void copy(Path source, Path target, Duration limit) {
    Path part = target.resolveSibling(target.getFileName() + PART);
    try {
      Files.deleteIfExists(part);
      commands
          .run(
              Command.of(
                      Tool.CP,
                      "--reflink=auto",
                      "--sparse=always",
                      "--",
                      source.toString(),
                      part.toString())
                  .within(limit))
          .orFail();
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(target);
    } catch (IOException e) {
      throw new HostException.Io("cannot copy %s to %s".formatted(source, target), e);
    } finally {
      deleteQuietly(part);
    }
  }

  /** Removes a file; one that is not there is no error. */
  public void delete(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        syncDirectory(file);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot delete " + file, e);
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new HostException.Io("cannot delete " + part, e);
    }
  }

  private static void syncDirectory(Path file) throws IOException {
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
