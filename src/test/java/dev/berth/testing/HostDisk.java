package dev.berth.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small ext4 filesystem for Berth's root, which can become full, or fail. */
public final class HostDisk {
  private static final long SIZE = 256L << 20;
  private static final int[] PIECES = {1 << 20, 64 << 10, 4096, 512, 1};

  private final Path image;
  private final Path mountpoint;

  HostDisk(Path image, Path mountpoint) {
    this.image = image;
    this.mountpoint = mountpoint;
  }

  void make() throws IOException {
    Files.createDirectories(mountpoint);
    Run.of("truncate", "--size", "" + SIZE, image.toString()).succeed();
    Run.of("mkfs.ext4", "-q", "-m", "0", image.toString()).succeed();
    mount();
  }

  /** Mounts it with these options; Berth does not run. */
  public void mount(String... options) {
    String all = String.join(",", options).isEmpty() ? "loop" : "loop," + String.join(",", options);
    Run.of("mount", "-o", all, image.toString(), mountpoint.toString()).succeed();
  }

  /** Unmounts it; Berth does not run, and no volume is mounted. */
  public void unmount() {
    Run.of("umount", mountpoint.toString()).succeed();
  }

  boolean mounted() {
    return Run.of("mountpoint", "--quiet", mountpoint.toString()).run().status() == 0;
  }

  /** Takes all its space but {@code left} bytes, more or less. */
  public void fill(long left) {
    try {
      empty();
      long take = Files.getFileStore(mountpoint).getUsableSpace() - left;
      try (OutputStream out = Files.newOutputStream(ballast())) {
        for (int piece : PIECES) {
          take -= write(out, new byte[piece], take);
        }
      }
      Run.of("sync", "--file-system", mountpoint.toString()).succeed();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes all its space. */
  public void fill() {
    fill(-SIZE);
  }

  private static long write(OutputStream out, byte[] piece, long most) {
    long written = 0;
    try {
      while (written + piece.length <= Math.max(most, 0)) {
        out.write(piece);
        written += piece.length;
      }
    } catch (IOException full) {
      return written;
    }
    return written;
  }

  /** Gives back what {@link #fill} took. */
  public void empty() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path ballast() {
    return mountpoint.resolve("ballast");
  }

  /** From now on every write fails, as after a broken disk (ext4(5), abort); reading goes on. */
  public void breakDown() {
    Run.of("mount", "-o", "remount,abort", mountpoint.toString()).succeed();
  }

  /** After {@link #breakDown}: as good as new. Berth does not run, and no volume is mounted. */
  public void repair() {
    unmount();
    Run repair = Run.of("e2fsck", "-f", "-y", image.toString());
    if (repair.run().status() > 3) {
      throw new AssertionError("the filesystem could not be repaired");
    }
    mount();
  }
}
