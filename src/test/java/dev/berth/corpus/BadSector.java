package dev.berth.corpus;

import dev.berth.testing.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * A btrfs filesystem in which one block of a file fails every read with an I/O error: what its disk
 * holds is not what its checksum says, as with a disk gone bad.
 */
final class BadSector implements AutoCloseable {
  /** Of the block, in bytes. */
  static final int LENGTH = 4096;

  private static final String SIZE = "160M";
  private static final long OFFSET = 33_574_912;

  private final Path disk;
  private final Path mountpoint;

  private BadSector(Path disk, Path mountpoint) {
    this.disk = disk;
    this.mountpoint = mountpoint;
  }

  /** Mounts it where the loop backend keeps its files. */
  static BadSector below(Path root) throws IOException {
    Path disk = root.resolve("disk");
    Path mountpoint = Files.createDirectory(root.resolve("loop"));
    Run.of("truncate", "--size", SIZE, disk.toString()).succeed();
    Run.of("mkfs.btrfs", "--quiet", "--metadata", "single", disk.toString()).succeed();
    BadSector bad = new BadSector(disk, mountpoint);
    bad.mount();
    return bad;
  }

  /** Makes one block of {@code file} unreadable and returns its offset. */
  long putInto(Path file) throws IOException {
    byte[] pattern = new byte[LENGTH];
    new Random(5).nextBytes(pattern);
    RawBytes.write(file, OFFSET, pattern);
    unmount();
    RawBytes.write(disk, find(pattern), new byte[LENGTH]);
    mount();
    return OFFSET;
  }

  private long find(byte[] pattern) throws IOException {
    byte[] block = new byte[LENGTH];
    try (RandomAccessFile open = new RandomAccessFile(disk.toFile(), "r")) {
      for (long at = 0; at + LENGTH <= open.length(); at += LENGTH) {
        open.seek(at);
        open.readFully(block);
        if (Arrays.equals(block, pattern)) {
          return at;
        }
      }
    }
    throw new AssertionError("the block is not on the disk");
  }

  private void mount() {
    Run.of("mount", "-o", "loop", disk.toString(), mountpoint.toString()).succeed();
  }

  private void unmount() {
    Run.of("umount", mountpoint.toString()).succeed();
  }

  @Override
  public void close() {
    unmount();
  }
}
