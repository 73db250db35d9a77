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
import java.util.ArrayList;
import java.util.List;

/** Files with holes, made and copied without filling them; all are readable by their owner only. */
@ApplicationScoped
public class SparseFiles {
  private static final String PART = ".part";
  private static final Duration ALLOCATION = Duration.ofMinutes(30);
  private final CommandRunner commands;

  public SparseFiles(CommandRunner commands) {
    this.commands = commands;
  }

  /** Makes {@code file}, empty and durable; one that is there stays as it is. */
  public void create(Path file) {
    try {
      if (Files.notExists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
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
   * Gives {@code file} space for its first {@code size} bytes, which become its length if it is
   * shorter; what is in it stays. Without enough space: {@link HostException.ToolFailed}, and it
   * has the length it had. May take long where the filesystem has to write zeros for that.
   */
  public void allocate(Path file, long size) {
    try {
      long before = Files.size(file);
      CommandResult result =
          commands.run(
              Command.of(Tool.FALLOCATE, "--length", "" + size, file.toString())
                  .within(ALLOCATION));
      if (result.exit() != 0) {
        resize(file, before);
        throw result.failed();
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot allocate " + file, e);
    }
  }

  /** How many bytes these files may come to take beyond what they take now. None: 0. */
  public long unallocated(List<Path> files) {
    if (files.isEmpty()) {
      return 0;
    }
    List<String> arguments = new ArrayList<>(List.of("--format=%s %b %B", "--"));
    files.forEach(file -> arguments.add(file.toString()));
    return commands
        .run(Command.of(Tool.STAT, arguments))
        .output()
        .lines()
        .map(line -> line.split(" ", -1))
        .mapToLong(
            numbers ->
                Long.parseLong(numbers[0])
                    - Long.parseLong(numbers[1]) * Long.parseLong(numbers[2]))
        .filter(rest -> rest > 0)
        .sum();
  }

  /** Where a file is written that is to have the name {@code file} once it is complete. */
  public static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + PART);
  }

  /**
   * Copies {@code source} whole to the {@link #part} of {@code target}, durably: by reflink where
   * the filesystem has it, else with its holes. What an interrupted copy left there is replaced; a
   * failed one leaves nothing.
   *
   * @param own whether it has to have blocks of its own, so no reflink
   */
  public void copyToPart(Path source, Path target, boolean own, Duration limit) {
    Path part = part(target);
    try {
      Files.deleteIfExists(part);
      commands
          .run(
              Command.of(
                      Tool.CP,
                      own ? "--reflink=never" : "--reflink=auto",
                      "--sparse=always",
                      "--",
                      source.toString(),
                      part.toString())
                  .within(limit))
          .orFail();
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    } catch (IOException | RuntimeException e) {
      deletePart(part, e);
      throw e instanceof RuntimeException known
          ? known
          : new HostException.Io("cannot copy %s to %s".formatted(source, target), e);
    }
  }

  /** Gives the {@link #part} of {@code file} its name, durably; a file that has it is replaced. */
  public void publish(Path file) {
    try {
      Files.move(part(file), file, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(file);
    } catch (IOException e) {
      throw new HostException.Io("cannot make " + file, e);
    }
  }

  /** Removes a file and its {@link #part}, durably; one that is not there is no error. */
  public void delete(Path file) {
    try {
      boolean partial = Files.deleteIfExists(part(file));
      if (Files.deleteIfExists(file) || partial) {
        syncDirectory(file);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot delete " + file, e);
    }
  }

  private static void deletePart(Path part, Exception cause) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static void syncDirectory(Path file) throws IOException {
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
