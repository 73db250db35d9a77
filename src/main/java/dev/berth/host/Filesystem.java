package dev.berth.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** The filesystems whose tools Berth knows, and how those tools are called. */
public enum Filesystem {
  EXT4(16L << 20) {
    @Override
    Command make(Path device, UUID uuid, OptionalInt blockSize, OptionalInt inodeSize) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "-q",
                  "-F",
                  "-m",
                  "0",
                  "-e",
                  "remount-ro",
                  "-U",
                  uuid.toString(),
                  "-E",
                  "lazy_itable_init=1,lazy_journal_init=1,nodiscard"));
      blockSize.ifPresent(bytes -> arguments.addAll(List.of("-b", "" + bytes)));
      inodeSize.ifPresent(bytes -> arguments.addAll(List.of("-I", "" + bytes)));
      arguments.add(device.toString());
      return Command.of(Tool.MKFS_EXT4, arguments);
    }

    @Override
    Command grow(Path device, Path mountpoint) {
      return Command.of(Tool.RESIZE2FS, device.toString());
    }
  },

  /** Since xfsprogs 5.19 mkfs.xfs refuses less than 300 MiB. */
  XFS(300L << 20) {
    @Override
    Command make(Path device, UUID uuid, OptionalInt blockSize, OptionalInt inodeSize) {
      List<String> arguments = new ArrayList<>(List.of("-q", "-f", "-K", "-m", "uuid=" + uuid));
      blockSize.ifPresent(bytes -> arguments.addAll(List.of("-b", "size=" + bytes)));
      inodeSize.ifPresent(bytes -> arguments.addAll(List.of("-i", "size=" + bytes)));
      arguments.add(device.toString());
      return Command.of(Tool.MKFS_XFS, arguments);
    }

    @Override
    Command grow(Path device, Path mountpoint) {
      return Command.of(Tool.XFS_GROWFS, "-d", mountpoint.toString());
    }
  },

  /** mkfs.btrfs refuses less than about 109 MiB, and the kernel to resize to less than 256 MiB. */
  BTRFS(256L << 20) {
    @Override
    Command make(Path device, UUID uuid, OptionalInt blockSize, OptionalInt inodeSize) {
      List<String> arguments = new ArrayList<>(List.of("-q", "-f", "-K", "-U", uuid.toString()));
      blockSize.ifPresent(bytes -> arguments.addAll(List.of("-s", "" + bytes)));
      arguments.add(device.toString());
      return Command.of(Tool.MKFS_BTRFS, arguments);
    }

    @Override
    Command grow(Path device, Path mountpoint) {
      return Command.of(Tool.BTRFS, "filesystem", "resize", "max", mountpoint.toString());
    }
  };

  private final long leastBytes;

  Filesystem(long leastBytes) {
    this.leastBytes = leastBytes;
  }

  /** The smallest device it can be made on, in bytes. */
  public long leastBytes() {
    return leastBytes;
  }

  abstract Command make(Path device, UUID uuid, OptionalInt blockSize, OptionalInt inodeSize);

  abstract Command grow(Path device, Path mountpoint);
}
