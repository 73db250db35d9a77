package dev.berth.host;

import dev.berth.host.ZeroScan.Region;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where data would show on a device: the first and the last MiB, the places of the copies of
 * superblocks that ext2/3/4, xfs and btrfs keep, and 4 KiB at 1,024 places spread evenly over the
 * rest.
 */
final class BlankSamples {
  private static final int EDGE = 1 << 20;
  private static final int SAMPLE = 4096;
  private static final int SAMPLES = 1024;

  /** Block 32768 at 1, 2 and 4 KiB a block, and 8193: mke2fs(8), -b and sparse_super. */
  private static final long[] EXT_BACKUPS = {
    8193L << 10, 16384L << 11, 32768L << 12, 98304L << 12, 163840L << 12
  };

  /** btrfs on-disk format: superblock mirrors. */
  private static final long[] BTRFS_MIRRORS = {64L << 10, 64L << 20, 256L << 30};

  /** mkfs.xfs(8) makes four allocation groups by default, each with a superblock. */
  private static final int XFS_GROUPS = 4;

  private BlankSamples() {}

  /**
   * The places on a device of {@code size} bytes, the last one first: whoever reads upwards makes
   * the kernel read ahead in the file behind a loop device, in the end nearly all of it.
   */
  static List<Region> of(long size) {
    SortedMap<Long, Integer> lengths = new TreeMap<>();
    add(lengths, size, 0, EDGE);
    add(lengths, size, Math.max(0, size - EDGE), EDGE);
    for (long backup : EXT_BACKUPS) {
      add(lengths, size, backup, SAMPLE);
    }
    for (long mirror : BTRFS_MIRRORS) {
      add(lengths, size, mirror, SAMPLE);
    }
    for (int group = 1; group < XFS_GROUPS; group++) {
      add(lengths, size, size / SAMPLE / XFS_GROUPS * group * SAMPLE, SAMPLE);
    }
    for (int sample = 1; sample < SAMPLES; sample++) {
      add(lengths, size, size / SAMPLES * sample / SAMPLE * SAMPLE, SAMPLE);
    }
    return lengths.reversed().entrySet().stream()
        .map(entry -> new Region(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Widened to whole samples, which can be read past the page cache. */
  private static void add(SortedMap<Long, Integer> lengths, long size, long offset, int length) {
    long start = offset / SAMPLE * SAMPLE;
    long end = Math.min(size, (offset + length + SAMPLE - 1) / SAMPLE * SAMPLE);
    if (start < end) {
      lengths.merge(start, (int) (end - start), Math::max);
    }
  }
}
