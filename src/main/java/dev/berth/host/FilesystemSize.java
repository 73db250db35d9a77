package dev.berth.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How many bytes a filesystem says it has, and in what pieces, read from its superblock. */
public final class FilesystemSize {
  private static final int EXT4_SUPERBLOCK = 1024;
  private static final int EXT4_MAGIC = 0xEF53;
  private static final int EXT4_64_BIT = 0x80;

  /** {@code XFSB}. */
  private static final int XFS_MAGIC = 0x58465342;

  private static final long BTRFS_SUPERBLOCK = 0x10000;

  /** {@code _BHRfS_M}. */
  private static final long BTRFS_MAGIC = 0x5F42485266535F4DL;

  private static final int SUPERBLOCK_LENGTH = 512;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private FilesystemSize() {}

  /**
   * The size of the filesystem on {@code device}, which may be larger. Another filesystem than
   * {@code type}, or none: {@link HostException.Unexpected}.
   */
  public static long read(Filesystem type, Path device) {
    return switch (type) {
      case EXT4 -> ext4(superblock(device, EXT4_SUPERBLOCK), device);
      case XFS -> xfs(superblock(device, 0), device);
      case BTRFS -> btrfs(superblock(device, BTRFS_SUPERBLOCK), device);
    };
  }

  /**
   * The largest sectors, in bytes, that a device may have for the kernel to mount what is in {@code
   * file}: its blocks, with xfs its sectors. None of the filesystems Berth knows: {@code other}.
   */
  static int largestSector(Path file, int other) {
    ByteBuffer ext4 = superblock(file, EXT4_SUPERBLOCK).order(ByteOrder.LITTLE_ENDIAN);
    if ((ext4.getShort(0x38) & 0xFFFF) == EXT4_MAGIC) {
      return 1024 << ext4.getInt(0x18);
    }
    ByteBuffer xfs = superblock(file, 0);
    if (xfs.getInt(0) == XFS_MAGIC) {
      return xfs.getShort(0x66) & 0xFFFF;
    }
    ByteBuffer btrfs = superblock(file, BTRFS_SUPERBLOCK);
    return btrfs.getLong(0x40) == BTRFS_MAGIC
        ? btrfs.order(ByteOrder.LITTLE_ENDIAN).getInt(0x90)
        : other;
  }

  private static long ext4(ByteBuffer block, Path device) {
    block.order(ByteOrder.LITTLE_ENDIAN);
    require((block.getShort(0x38) & 0xFFFF) == EXT4_MAGIC, "ext4", device);
    boolean wide = (block.getInt(0x60) & EXT4_64_BIT) != 0;
    long high = wide ? block.getInt(0x150) & LOW_HALF : 0;
    long blocks = (high << Integer.SIZE) | (block.getInt(0x4) & LOW_HALF);
    return blocks << (10 + block.getInt(0x18));
  }

  private static long xfs(ByteBuffer block, Path device) {
    require(block.getInt(0) == XFS_MAGIC, "xfs", device);
    return block.getLong(0x8) * block.getInt(0x4);
  }

  private static long btrfs(ByteBuffer block, Path device) {
    require(block.getLong(0x40) == BTRFS_MAGIC, "btrfs", device);
    return block.order(ByteOrder.LITTLE_ENDIAN).getLong(0x70);
  }

  private static void require(boolean found, String type, Path device) {
    if (!found) {
      throw new HostException.Unexpected("there is no %s on %s".formatted(type, device));
    }
  }

  private static ByteBuffer superblock(Path device, long from) {
    ByteBuffer block = ByteBuffer.allocate(SUPERBLOCK_LENGTH);
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
      while (block.hasRemaining() && channel.read(block, from + block.position()) >= 0) {}
      return block;
    } catch (IOException e) {
      throw new HostException.Io("cannot read the superblock on " + device, e);
    }
  }
}
