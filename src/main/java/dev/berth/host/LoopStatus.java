package dev.berth.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel says of a loop device that has a file behind it, see {@code LOOP_GET_STATUS64} in
 * loop(4). Unlike the path in sysfs it stays true when the mount namespace that attached the device
 * has ended, and when the file is renamed.
 *
 * @param offset of the first byte of the file that belongs to the device
 * @param limit how many bytes of the file belong to the device; 0: all
 * @param attachedAs the path the file was attached by, cut after 63 bytes
 */
record LoopStatus(FileIdentity file, long offset, long limit, boolean readOnly, String attachedAs) {
  private static final int O_CLOEXEC = 0x80000;
  private static final long LOOP_GET_STATUS64 = 0x4C05;
  private static final int ENXIO = 6;

  private static final int STRUCTURE_BYTES = 232;
  private static final int INODE_AT = 8;
  private static final int OFFSET_AT = 24;
  private static final int LIMIT_AT = 32;
  private static final int FLAGS_AT = 52;
  private static final int NAME_AT = 56;
  private static final int NAME_BYTES = 64;
  private static final int READ_ONLY = 1;

  /**
   * Of the device at {@code device}, e.g. {@code /dev/loop3}; empty if there is no file behind it.
   * Cannot be read, or is no loop device: {@link HostException.Unexpected}. Microseconds; starts no
   * program.
   */
  static Optional<LoopStatus> of(Path device) {
    long fd = Libc.open(device.toString(), O_CLOEXEC);
    if (fd < 0) {
      return none(device, fd);
    }
    try {
      byte[] answer = new byte[STRUCTURE_BYTES];
      long result = Libc.ioctl(fd, LOOP_GET_STATUS64, answer);
      return result < 0 ? none(device, result) : Optional.of(parse(answer));
    } finally {
      Libc.close(fd);
    }
  }

  private static Optional<LoopStatus> none(Path device, long errno) {
    if (errno == -ENXIO) {
      return Optional.empty();
    }
    throw new HostException.Unexpected(
        "cannot see what is behind %s: %s".formatted(device, Libc.message(errno)));
  }

  private static LoopStatus parse(byte[] answer) {
    ByteBuffer buffer = ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder());
    int end = NAME_AT;
    while (end < NAME_AT + NAME_BYTES && answer[end] != 0) {
      end++;
    }
    return new LoopStatus(
        FileIdentity.of(buffer.getLong(0), buffer.getLong(INODE_AT)),
        buffer.getLong(OFFSET_AT),
        buffer.getLong(LIMIT_AT),
        (buffer.getInt(FLAGS_AT) & READ_ONLY) != 0,
        new String(answer, NAME_AT, end - NAME_AT, StandardCharsets.UTF_8));
  }

  /** Whether every byte of {@code wanted}, and of no other file, can be written through it. */
  boolean isWhole(FileIdentity wanted) {
    return file.equals(wanted) && offset == 0 && limit == 0 && !readOnly;
  }

  @Override
  public String toString() {
    return "%s, offset %d, limit %d%s"
        .formatted(file, offset, limit, readOnly ? ", read-only" : "");
  }
}
