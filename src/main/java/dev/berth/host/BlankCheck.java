package dev.berth.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads a device where data would show: the first and the last MiB, the places of the copies of
 * superblocks that ext2/3/4, xfs and btrfs keep, and 4 KiB at 1,024 places spread evenly over the
 * rest.
 */
public final class BlankCheck {
  private static final int EDGE = 1 << 20;
  private static final int SAMPLE = 4096;
  private static final int SAMPLES = 1024;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Block 32768 at 1, 2 and 4 KiB a block, and 8193: mke2fs(8), -b and sparse_super. */
  private static final long[] EXT_BACKUPS = {
    8193L << 10, 16384L << 11, 32768L << 12, 98304L << 12, 163840L << 12
  };

  /** btrfs on-disk format: superblock mirrors. */
  private static final long[] BTRFS_MIRRORS = {64L << 10, 64L << 20, 256L << 30};

  /** mkfs.xfs(8) makes four allocation groups by default, each with a superblock. */
  private static final int XFS_GROUPS = 4;

  private BlankCheck() {}

  /**
   * Where the first byte that is not zero was read, empty if all that was read is zero. A read that
   * fails or does not end within a minute is a {@link HostException}: it is no answer.
   */
  public static OptionalLong firstData(BlockDevice device) {
    CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
    // A read of a broken device can hang in the kernel for good: it gets a thread of its own, not a
    // shared carrier.
    Thread.ofPlatform()
        .daemon()
        .name("blank-check " + device.path())
        .start(
            () -> {
              try {
                answer.complete(scan(device.path(), regions(device.size())));
              } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new HostException.Io(
          "cannot read " + device.path(), e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new HostException.Io(
          "reading %s takes more than %d s".formatted(device.path(), LIMIT.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while reading " + device.path(), e);
    }
  }

  static SortedMap<Long, Integer> regions(long size) {
    SortedMap<Long, Integer> regions = new TreeMap<>();
    add(regions, size, 0, EDGE);
    add(regions, size, Math.max(0, size - EDGE), EDGE);
    for (long backup : EXT_BACKUPS) {
      add(regions, size, backup, SAMPLE);
    }
    for (long mirror : BTRFS_MIRRORS) {
      add(regions, size, mirror, SAMPLE);
    }
    for (int group = 1; group < XFS_GROUPS; group++) {
      add(regions, size, size / SAMPLE / XFS_GROUPS * group * SAMPLE, SAMPLE);
    }
    for (int sample = 1; sample < SAMPLES; sample++) {
      add(regions, size, size / SAMPLES * sample / SAMPLE * SAMPLE, SAMPLE);
    }
    return regions;
  }

  private static void add(SortedMap<Long, Integer> regions, long size, long offset, int length) {
    if (offset < size) {
      regions.merge(offset, (int) Math.min(length, size - offset), Math::max);
    }
  }

  private static OptionalLong scan(Path device, SortedMap<Long, Integer> regions)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(EDGE);
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
      for (var region : regions.entrySet()) {
        buffer.clear().limit(region.getValue());
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, region.getKey() + buffer.position()) < 0) {
            throw new IOException("it ends before byte " + (region.getKey() + region.getValue()));
          }
        }
        for (int i = 0; i < region.getValue(); i++) {
          if (buffer.get(i) != 0) {
            return OptionalLong.of(region.getKey() + i);
          }
        }
      }
      return OptionalLong.empty();
    }
  }
}
