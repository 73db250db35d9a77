package dev.berth.volume;

import java.util.Locale;

/** The filesystems Berth makes. */
public enum FilesystemType {
  EXT4,
  XFS,
  BTRFS;

  /** The name the kernel and its tools use: {@code ext4}, {@code xfs}, {@code btrfs}. */
  public String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
