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
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/** Files with holes, made and copied without filling them; all are readable by their owner only. */
@ApplicationScoped
public class SparseFiles {
  private static final Logger LOG = Logger.getLogger(SparseFiles.class);
  private static final String PART = ".part";
  private static final long PAGE = 4096;
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
      OptionalLong most = limit(file, size);
      throw new HostException.Io(
          "cannot set the size of %s%s"
              .formatted(
                  file,
                  most.isPresent()
                      ? ", since a file there has at most %d bytes".formatted(most.getAsLong())
                      : ""),
          e);
    }
  }

  /**
   * How long a file in {@code near}, or beside it, can be at most, in bytes, if that is less than
   * {@code wanted}. Found by trying with one that is deleted afterwards, since each filesystem has
   * a limit of its own (ext4: 16 TiB with blocks of 4 KiB, 4 TiB with 1 KiB). A directory that is
   * not there stands for the one that it would be made in. Cannot be tried: empty. Milliseconds.
   */
  public OptionalLong limit(Path near, long wanted) {
    Path place = near;
    while (!Files.isDirectory(place) && place.getParent() != null) {
      place = place.getParent();
    }
    try {
      Path file = Files.createTempFile(place, "size", PART);
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        return canHave(open, wanted) ? OptionalLong.empty() : longest(open, wanted);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.debugf("how long files in %s can be is not known: %s", place, e.getMessage());
      return OptionalLong.empty();
    }
  }

  /** Between 0 and {@code tooLong}, in whole pages. None at all: there is another trouble. */
  private static OptionalLong longest(RandomAccessFile open, long tooLong) {
    long most = 0;
    for (long beyond = tooLong / PAGE; beyond - most > 1; ) {
      long middle = most + (beyond - most) / 2;
      if (canHave(open, middle * PAGE)) {
        most = middle;
      } else {
        beyond = middle;
      }
    }
    return most == 0 ? OptionalLong.empty() : OptionalLong.of(most * PAGE);
  }

  private static boolean canHave(RandomAccessFile open, long length) {
    try {
      open.setLength(length);
      return true;
    } catch (IOException e) {
      return false;
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
