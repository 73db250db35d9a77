package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * Makes, checks and grows filesystems. Whether one may be made is decided elsewhere: nothing here
 * looks first.
 */
@ApplicationScoped
public class Filesystems {
  private static final Duration LONG = Duration.ofMinutes(30);
  private static final int CORRECTED_AT_MOST = 3;
  private final CommandRunner commands;

  public Filesystems(CommandRunner commands) {
    this.commands = commands;
  }

  /** Makes a filesystem over whatever is on {@code device}; block and inode sizes are in bytes. */
  public void make(
      Filesystem type, Path device, UUID uuid, OptionalInt blockSize, OptionalInt inodeSize) {
    commands.run(type.make(device, uuid, blockSize, inodeSize).within(LONG)).orFail();
  }

  /**
   * Checks an unmounted filesystem and repairs what is safe to repair; what is left is {@link
   * HostException.ToolFailed}. xfs and btrfs replay their logs when they are mounted and refuse the
   * mount when they are damaged; their own manuals (fsck.xfs(8), fsck.btrfs(8)) make a check at
   * this place a no-op.
   */
  public void check(Filesystem type, Path device) {
    switch (type) {
      case EXT4 -> {
        CommandResult result =
            commands.run(Command.of(Tool.E2FSCK, "-p", device.toString()).within(LONG));
        if (result.exit() > CORRECTED_AT_MOST) {
          throw result.failed();
        }
      }
      case XFS, BTRFS -> {}
    }
  }

  /**
   * Repairs an unmounted ext4 filesystem that {@link #check} cannot repair, whatever that costs of
   * what is in it; what is left is {@link HostException.ToolFailed}.
   */
  public void repair(Path device) {
    CommandResult result =
        commands.run(Command.of(Tool.E2FSCK, "-f", "-y", device.toString()).within(LONG));
    if (result.exit() > CORRECTED_AT_MOST) {
      throw result.failed();
    }
  }

  /**
   * Grows a mounted filesystem to the size of its device; one that has that size already stays as
   * it is.
   */
  public void grow(Filesystem type, Path device, Path mountpoint) {
    commands.run(type.grow(device, mountpoint).within(LONG)).orFail();
  }

  /**
   * Grows an unmounted filesystem to the size of its device, if its kind can; whether it did is
   * returned. ext4 is grown here, since growing it while it is mounted takes CAP_SYS_RESOURCE; xfs
   * and btrfs grow only while mounted.
   */
  public boolean growUnmounted(Filesystem type, Path device) {
    return switch (type) {
      case EXT4 -> {
        CommandResult check =
            commands.run(Command.of(Tool.E2FSCK, "-f", "-p", device.toString()).within(LONG));
        if (check.exit() > CORRECTED_AT_MOST) {
          throw check.failed();
        }
        commands.run(Command.of(Tool.RESIZE2FS, device.toString()).within(LONG)).orFail();
        yield true;
      }
      case XFS, BTRFS -> false;
    };
  }

  /**
   * Gives an unmounted copy an identity of its own where the kernel would otherwise mix it up with
   * its source: only btrfs does. xfs copies are mounted with {@code nouuid}, ext4 does not care.
   */
  public void makeDistinct(Filesystem type, Path device) {
    switch (type) {
      case BTRFS ->
          commands
              .run(Command.of(Tool.BTRFSTUNE, "-f", "-m", device.toString()).within(LONG))
              .orFail();
      case EXT4, XFS -> {}
    }
  }
}
