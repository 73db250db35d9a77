package dev.berth.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/**
 * One pass over regions of a file or a device, in search of a byte that is not zero. It reads past
 * the page cache where it can: what a kernel would read ahead behind each sample is many times the
 * sample.
 */
final class ZeroScan {
  /** As much as EBS volumes on SSD give in one read; many checks can be under way at once. */
  private static final int CHUNK = 256 << 10;

  /**
   * What direct reads have to begin and end at, open(2); the largest that block devices ask for.
   */
  private static final int ALIGNMENT = 4096;

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(CHUNK);

  private static final Logger LOG = Logger.getLogger(ZeroScan.class);
  private static final Optional<OpenOption> DIRECT = DirectIo.option();

  private final Path place;
  private final List<Region> regions;
  private volatile long position;

  ZeroScan(Path place, List<Region> regions) {
    this.place = place;
    this.regions = regions;
  }

  /** Both in bytes. */
  record Region(long offset, long length) {}

  static Region whole(long size) {
    return new Region(0, size);
  }

  Path place() {
    return place;
  }

  /** Where it has come to. */
  long position() {
    return position;
  }

  /** The first byte that is not zero, in the order of the regions; empty if all are zero. */
  OptionalLong firstData() throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = open()) {
      ByteBuffer buffer = arena.allocate(CHUNK, ALIGNMENT).asByteBuffer();
      for (Region region : regions) {
        long end = region.offset() + region.length();
        for (long at = region.offset(); at < end; at += buffer.limit()) {
          position = at;
          buffer.clear().limit((int) Math.min(CHUNK, end - at));
          fill(buffer, channel, at);
          int data = buffer.flip().mismatch(ZEROS.slice(0, buffer.limit()));
          if (data >= 0) {
            return OptionalLong.of(at + data);
          }
        }
      }
      return OptionalLong.empty();
    }
  }

  private FileChannel open() throws IOException {
    boolean aligned =
        regions.stream().allMatch(region -> (region.offset() | region.length()) % ALIGNMENT == 0);
    if (aligned && DIRECT.isPresent()) {
      try {
        return FileChannel.open(place, StandardOpenOption.READ, DIRECT.get());
      } catch (IOException | UnsupportedOperationException e) {
        LOG.debugf("%s is read through the page cache: %s", place, e.getMessage());
      }
    }
    return FileChannel.open(place, StandardOpenOption.READ);
  }

  private static void fill(ByteBuffer buffer, FileChannel channel, long at) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ends before byte " + (at + buffer.limit()));
      }
    }
  }
}
