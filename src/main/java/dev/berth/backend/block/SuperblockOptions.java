package dev.berth.backend.block;

import dev.berth.host.Ext4MountOptions;
import dev.berth.host.Filesystem;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Shown;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.nio.file.Path;

/**
 * The mount options that a filesystem brings with it: the kernel obeys them as if they had been
 * given, and some of them reach other files of the host ({@code journal_path=}). Copies and adopted
 * volumes come from who knows where.
 */
final class SuperblockOptions {
  private SuperblockOptions() {}

  /** Refuses what could not be asked for as an option of the volume either. */
  static void check(Volume volume, Filesystem type, Path device) {
    if (type != Filesystem.EXT4) {
      return;
    }
    String found = Ext4MountOptions.read(device);
    try {
      MountOptions options = MountOptions.parse(found);
      options.checkFor(FilesystemType.EXT4);
    } catch (VolumeException.Invalid e) {
      throw new VolumeException.Refused(
          "volume %s is not mounted: its filesystem brings the mount options '%s' with it, and %s. If it is yours, 'tune2fs -E mount_opts= DEVICE' on its device or file takes them out"
              .formatted(volume.name(), Shown.of(found), e.getMessage()),
          e);
    }
  }
}
