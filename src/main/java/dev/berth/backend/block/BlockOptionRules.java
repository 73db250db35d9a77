package dev.berth.backend.block;

import static dev.berth.backend.block.BlockOptions.BLOCK_SIZE;
import static dev.berth.backend.block.BlockOptions.FS_TYPE;
import static dev.berth.backend.block.BlockOptions.INODE_SIZE;
import static dev.berth.backend.block.BlockOptions.MOUNT_OPTIONS;
import static dev.berth.volume.CommonOptions.SIZE;

import dev.berth.host.Filesystem;
import dev.berth.volume.ByteSize;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Option;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import java.util.Optional;

/** Which options of a block volume go together, and what the ones left open become. */
final class BlockOptionRules {
  private static final ByteSize DEFAULT_SIZE = ByteSize.ofGiB(10);
  private static final FilesystemType DEFAULT_TYPE = FilesystemType.EXT4;
  private static final int SMALLEST_BLOCK = 1024;
  private static final int PAGE = 4096;
  private static final long GRAIN = 4096;

  private BlockOptionRules() {}

  /**
   * The filesystem and the size of what a volume is to be a copy of.
   *
   * @param type empty if it is not known before the copy is looked at
   */
  record SourceFacts(Optional<FilesystemType> type, ByteSize size) {}

  static VolumeOptions completeNew(VolumeOptions given) {
    FilesystemType type = given.find(FS_TYPE).orElse(DEFAULT_TYPE);
    checkSize(given, type);
    given.find(BLOCK_SIZE).ifPresent(bytes -> checkBlockSize(type, bytes));
    given.find(INODE_SIZE).ifPresent(bytes -> checkInodeSize(type, bytes));
    ByteSize size = given.find(SIZE).orElse(DEFAULT_SIZE);
    return completeType(given, Optional.of(type)).with(SIZE, whole(size));
  }

  static VolumeOptions completeCopy(VolumeOptions given, SourceFacts source) {
    Optional<FilesystemType> wanted = given.find(FS_TYPE);
    if (wanted.isPresent() && source.type().isPresent() && !wanted.equals(source.type())) {
      throw new VolumeException.Invalid(
          "the source holds %s; leave fsType out".formatted(source.type().get().kernelName()));
    }
    refuseFormatting(given);
    ByteSize size = given.find(SIZE).orElse(source.size());
    if (size.compareTo(source.size()) < 0) {
      throw new VolumeException.Invalid(
          "the size %s is less than the source's %s".formatted(size, source.size()));
    }
    VolumeOptions complete = completeType(given, source.type().or(() -> wanted));
    return complete.with(SIZE, whole(size));
  }

  /** Its size is what it is, and so is its filesystem, which only its first mount will show. */
  static VolumeOptions completeExisting(VolumeOptions given) {
    refuseFormatting(given);
    return completeType(given, given.find(FS_TYPE));
  }

  /** The least size a device can have that is not smaller. */
  static ByteSize whole(ByteSize size) {
    if (size.bytes() > Long.MAX_VALUE - GRAIN) {
      throw new VolumeException.Invalid("the size %s is out of range".formatted(size));
    }
    return new ByteSize((size.bytes() + GRAIN - 1) / GRAIN * GRAIN);
  }

  private static VolumeOptions completeType(VolumeOptions given, Optional<FilesystemType> type) {
    given.find(MOUNT_OPTIONS).ifPresent(MountOptions::refusePanic);
    given.find(MOUNT_OPTIONS).ifPresent(MountOptions::refuseContradictions);
    if (type.isEmpty()) {
      return given;
    }
    given.find(MOUNT_OPTIONS).ifPresent(options -> options.checkFor(type.get()));
    return given.with(FS_TYPE, type.get());
  }

  private static void refuseFormatting(VolumeOptions given) {
    refuse(given, BLOCK_SIZE, "is chosen when a filesystem is made, and there is one already");
    refuse(given, INODE_SIZE, "is chosen when a filesystem is made, and there is one already");
  }

  private static void checkSize(VolumeOptions given, FilesystemType type) {
    ByteSize least = new ByteSize(Filesystem.valueOf(type.name()).leastBytes());
    if (given.find(SIZE).filter(size -> size.compareTo(least) < 0).isPresent()) {
      throw new VolumeException.Invalid(
          "the size %s is too small: %s takes at least %s"
              .formatted(given.require(SIZE), type.kernelName(), least));
    }
  }

  private static void checkBlockSize(FilesystemType type, int bytes) {
    int least =
        switch (type) {
          case EXT4, XFS -> SMALLEST_BLOCK;
          case BTRFS -> PAGE;
        };
    checkPower("blockSize", type, bytes, least, PAGE);
  }

  private static void checkInodeSize(FilesystemType type, int bytes) {
    switch (type) {
      case EXT4 -> checkPower("inodeSize", type, bytes, 128, SMALLEST_BLOCK);
      case XFS -> checkPower("inodeSize", type, bytes, 512, 2048);
      case BTRFS -> throw new VolumeException.Invalid("btrfs has no inodeSize");
    }
  }

  private static void checkPower(
      String option, FilesystemType type, int bytes, int least, int most) {
    if (Integer.bitCount(bytes) != 1 || bytes < least || bytes > most) {
      throw new VolumeException.Invalid(
          "%s %d: %s takes a power of two from %d to %d"
              .formatted(option, bytes, type.kernelName(), least, most));
    }
  }

  private static void refuse(VolumeOptions given, Option<?> option, String why) {
    if (given.find(option).isPresent()) {
      throw new VolumeException.Invalid(option.name() + " " + why);
    }
  }
}
