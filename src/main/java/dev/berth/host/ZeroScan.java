package dev.berth.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;

/** One pass over regions of a file or a device, in search of a byte that is not zero. */
final class ZeroScan {
  private static final int CHUNK = 1 << 20;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(CHUNK);

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

  /** The offset of the first byte that is not zero; empty if all are. */
  OptionalLong firstData() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ)) {
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

  private static void fill(ByteBuffer buffer, FileChannel channel, long at) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ends before byte " + (at + buffer.limit()));
      }
    }
  }
}
