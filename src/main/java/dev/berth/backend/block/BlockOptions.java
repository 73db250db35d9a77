package dev.berth.backend.block;

import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Option;
import dev.berth.volume.VolumeName;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The options of all block volumes. */
public final class BlockOptions {
  public static final Option<FilesystemType> FS_TYPE = Option.oneOf("fsType", FilesystemType.class);
  public static final Option<MountOptions> MOUNT_OPTIONS =
      Option.of(
          "mountOptions",
          "mount options such as noatime,commit=30",
          MountOptions::parse,
          MountOptions::toString);
  public static final Option<Integer> BLOCK_SIZE = Option.number("blockSize", 512, 65_536);
  public static final Option<Integer> INODE_SIZE = Option.number("inodeSize", 128, 4_096);
  public static final Option<String> SNAPSHOT_ID =
      Option.text(
              "snapshotId", "the id of a snapshot, snap-…", Pattern.compile("snap-[0-9a-f]{8,32}"))
          .settling(CommonOptions.SIZE, FS_TYPE, BLOCK_SIZE, INODE_SIZE);
  public static final Option<VolumeName> SOURCE_VOLUME =
      Option.of("sourceVolume", "the name of a volume", VolumeName::new, VolumeName::value)
          .settling(CommonOptions.SIZE, FS_TYPE, BLOCK_SIZE, INODE_SIZE);

  /** Adopts what exists; a store that can do that has it among its own options. */
  public static final Option<String> VOLUME_ID =
      Option.text("volumeId", "the id of a volume, vol-…", Pattern.compile("vol-[0-9a-f]{8,32}"));

  /** The common options, and these, but {@link #VOLUME_ID}. */
  public static final List<Option<?>> ALL =
      Stream.concat(
              CommonOptions.ALL.stream(),
              Stream.<Option<?>>of(
                  CommonOptions.SIZE,
                  FS_TYPE,
                  MOUNT_OPTIONS,
                  BLOCK_SIZE,
                  INODE_SIZE,
                  SNAPSHOT_ID,
                  SOURCE_VOLUME))
          .toList();

  private BlockOptions() {}
}
