package dev.berth.ops;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second Berth from a socket and a root that one uses already: binding would silently steal
 * the socket from it. The kernel frees the lock when the process ends, however it ends.
 */
final class InstanceLock implements AutoCloseable {
  private final FileChannel channel;

  private InstanceLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock at {@code file}, whose directory is made; held by another process, or not
   * possible: {@link IllegalStateException}.
   */
  static InstanceLock take(Path file) throws IOException {
    FileChannel channel = open(file);
    if (tryLock(channel) == null) {
      channel.close();
      throw new IllegalStateException(
          "another Berth is running: it holds %s. Stop it first, or give this one a socket and a root of its own"
              .formatted(file));
    }
    return new InstanceLock(channel);
  }

  private static FileChannel open(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw new IllegalStateException(
          "%s cannot be made, or cannot be written: %s; set berth.root and berth.socket to other places"
              .formatted(directory, Reasons.of(e)),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
