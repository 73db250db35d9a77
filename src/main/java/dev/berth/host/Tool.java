package dev.berth.host;

import java.util.Set;

/** The programs Berth runs, each with the Debian package that has it. */
public enum Tool {
  MOUNT("mount", "mount"),
  UMOUNT("umount", "mount"),
  LOSETUP("losetup", "mount"),
  BLKID("blkid", "util-linux"),
  WIPEFS("wipefs", "util-linux"),
  FSFREEZE("fsfreeze", "util-linux"),
  FSTRIM("fstrim", "util-linux"),
  SYNC("sync", "coreutils"),
  FALLOCATE("fallocate", "util-linux"),
  CP("cp", "coreutils"),
  STAT("stat", "coreutils"),
  MKFS_EXT4("mkfs.ext4", "e2fsprogs"),
  E2FSCK("e2fsck", "e2fsprogs"),
  RESIZE2FS("resize2fs", "e2fsprogs"),
  MKFS_XFS("mkfs.xfs", "xfsprogs", false),
  XFS_GROWFS("xfs_growfs", "xfsprogs", false),
  MKFS_BTRFS("mkfs.btrfs", "btrfs-progs", false),
  BTRFS("btrfs", "btrfs-progs", false),
  BTRFSTUNE("btrfstune", "btrfs-progs", false),
  S3FS("s3fs", "s3fs", false),
  RCLONE("rclone", "rclone", false),
  MOUNT_S3("mount-s3", "mount-s3", false),
  FUSERMOUNT("fusermount", "fuse", false),
  FUSERMOUNT3("fusermount3", "fuse3", false);

  /** Those of which an s3 volume needs one client, and rclone one of the others. */
  public static final Set<Tool> FUSE = Set.of(S3FS, RCLONE, MOUNT_S3, FUSERMOUNT, FUSERMOUNT3);

  private final String program;
  private final String debianPackage;
  private final boolean required;

  Tool(String program, String debianPackage) {
    this(program, debianPackage, true);
  }

  Tool(String program, String debianPackage, boolean required) {
    this.program = program;
    this.debianPackage = debianPackage;
    this.required = required;
  }

  public String program() {
    return program;
  }

  public String debianPackage() {
    return debianPackage;
  }

  /** Whether Berth is of no use without it; the others are needed for one filesystem only. */
  public boolean required() {
    return required;
  }
}
