package dev.berth.backend.block;

import dev.berth.backend.ContentJournal;
import dev.berth.backend.Observed.Health;
import dev.berth.host.BlockDevice;
import dev.berth.host.Filesystem;
import dev.berth.host.FilesystemSize;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/** From a volume's device to its mounted filesystem, and back. */
final class BlockMounter {
  private static final Logger LOG = Logger.getLogger(BlockMounter.class);

  /** So says e2fsck of a device that another program has open, such as one that was given up. */
  private static final String HELD = "is in use";

  /** EUCLEAN, as mount(8) says it in the locale that tools are run with. */
  private static final String UNCLEAN = "Structure needs cleaning";

  private final BlockStore store;
  private final BlockTools tools;
  private final FullSize fullSize;

  BlockMounter(BlockStore store, BlockTools tools) {
    this.store = store;
    this.tools = tools;
    fullSize = new FullSize(store);
  }

  /** Where the volume's filesystem is mounted. */
  Path filesystemRoot(Volume volume) {
    return tools.mountDirectory().resolve(volume.name().value());
  }

  Optional<MountEntry> mounted(Volume volume) {
    return MountTable.own().at(filesystemRoot(volume));
  }

  void ensureMounted(Volume volume, ContentJournal journal) {
    Optional<MountEntry> there = mounted(volume);
    if (there.isPresent()) {
      refuseFailed(volume, there.get());
      verify(volume, there.get());
      ensureDirectory(volume);
      return;
    }
    try {
      BlockDevice device = store.attach(volume);
      Progress.reached(BlockStep.ATTACHED);
      mountHeld(volume, device, journal);
    } catch (RuntimeException | Error e) {
      undo(volume, e);
      throw e;
    }
  }

  /**
   * A device that an earlier detach left about to go must not become another volume's meanwhile.
   */
  private void mountHeld(Volume volume, BlockDevice device, ContentJournal journal) {
    try (FileChannel _ = device.hold()) {
      if (!store.attached(volume).equals(Optional.of(device))) {
        throw new HostException.Unexpected(
            "its device %s went away while it was being mounted".formatted(device.path()));
      }
      mountAttached(volume, fullSize.of(volume, device, journal), journal);
    } catch (IOException e) {
      throw new HostException.Io("cannot close " + device.path(), e);
    }
  }

  private void mountAttached(Volume volume, BlockDevice device, ContentJournal journal) {
    Volume formatted = tools.formatRule().ensureFormatted(volume, device, journal);
    MountOptions options = options(volume);
    Filesystem type = Filesystem.valueOf(type(formatted).name());
    SuperblockOptions.check(volume, type, device.path());
    Volume ready =
        options.readOnly() || isLive(volume, device)
            ? formatted
            : prepare(formatted, type, device, journal);
    makeMountDirectory(filesystemRoot(volume));
    Progress.reached(BlockStep.MOUNT_DIRECTORY_MADE);
    mountFilesystem(ready, device, options);
    Progress.reached(BlockStep.FILESYSTEM_MOUNTED);
    MountEntry entry =
        mounted(volume).orElseThrow(() -> new HostException.Unexpected("the mount is not there"));
    refuseFailed(volume, entry);
    verify(volume, entry);
    ensureDirectory(volume);
    if (!options.readOnly()) {
      growIfPossible(ready, device, journal);
    }
  }

  /**
   * Whether containers that an earlier Berth served, in a mount namespace that has ended, have the
   * filesystem mounted still: the kernel mounts the same one again, and a check would harm it.
   */
  private static boolean isLive(Volume volume, BlockDevice device) {
    return volume.made().content() instanceof Content.Formatted && device.claimed();
  }

  private void ensureDirectory(Volume volume) {
    DataDirectory.ensure(filesystemRoot(volume), options(volume).readOnly(), volume.options());
  }

  /**
   * Checks an unmounted filesystem, makes a copy a volume of its own, and grows what grows
   * unmounted.
   */
  private Volume prepare(
      Volume volume, Filesystem type, BlockDevice device, ContentJournal journal) {
    check(volume, type, device);
    Volume own = adoptCopy(volume, type, device, journal);
    if (isSmallerThan(device, own) && tools.filesystems().growUnmounted(type, device.path())) {
      Progress.reached(BlockStep.FILESYSTEM_GROWN);
      return recordGrown(own, device, journal);
    }
    return own;
  }

  /** A filesystem that could not follow its device is no reason not to mount it. */
  private void growIfPossible(Volume volume, BlockDevice device, ContentJournal journal) {
    try {
      growFilesystem(volume, device, journal);
    } catch (HostException e) {
      LOG.warnf(
          e,
          "volume %s is mounted, but its filesystem could not be grown to its device",
          volume.name());
    }
  }

  /**
   * Brings the mounted filesystem to the size of its device; returns the volume as it is recorded
   * then.
   */
  Volume growFilesystem(Volume volume, BlockDevice device, ContentJournal journal) {
    if (!isSmallerThan(device, volume)) {
      return volume;
    }
    tools
        .filesystems()
        .grow(Filesystem.valueOf(type(volume).name()), device.path(), filesystemRoot(volume));
    Progress.reached(BlockStep.FILESYSTEM_GROWN);
    return recordGrown(volume, device, journal);
  }

  private static boolean isSmallerThan(BlockDevice device, Volume volume) {
    return volume.made().content() instanceof Content.Formatted formatted
        && formatted.size().bytes() < device.size();
  }

  private static Volume recordGrown(Volume volume, BlockDevice device, ContentJournal journal) {
    Volume grown =
        journal.record(volume, new Content.Formatted(type(volume), new ByteSize(device.size())));
    Progress.reached(BlockStep.GROWN_SIZE_RECORDED);
    return grown;
  }

  void ensureUnmounted(Volume volume) {
    Path root = filesystemRoot(volume);
    while (MountTable.own().at(root).isPresent()) {
      tools.mounts().unmount(root);
      Progress.reached(BlockStep.FILESYSTEM_UNMOUNTED);
    }
    store.detach(volume);
    Progress.reached(BlockStep.DETACHED);
    try {
      Files.deleteIfExists(root);
    } catch (IOException e) {
      throw new HostException.Io("cannot remove the directory " + root, e);
    }
    Progress.reached(BlockStep.MOUNT_DIRECTORY_REMOVED);
  }

  private void check(Volume volume, Filesystem type, BlockDevice device) {
    try {
      tools.filesystems().check(type, device.path());
      if (volume.made().content() instanceof Content.Copied) {
        tools.filesystems().makeDistinct(type, device.path());
      }
    } catch (HostException.ToolFailed e) {
      throw e.getMessage().contains(HELD) ? e : damaged(volume, e);
    }
    Progress.reached(BlockStep.FILESYSTEM_CHECKED);
  }

  /** The kernel finds damage that a quick check of a filesystem that was left in order does not. */
  private void mountFilesystem(Volume volume, BlockDevice device, MountOptions options) {
    FilesystemType type = type(volume);
    try {
      tools
          .mounts()
          .mount(device.path(), type.kernelName(), options.given(type), filesystemRoot(volume));
    } catch (HostException.ToolFailed e) {
      throw e.errors().contains(UNCLEAN) ? damaged(volume, e) : e;
    }
  }

  private static VolumeException.Refused damaged(Volume volume, HostException.ToolFailed e) {
    String look =
        switch (type(volume)) {
          case EXT4 -> "e2fsck -n";
          case XFS -> "xfs_repair -n";
          case BTRFS -> "btrfs check --readonly";
        };
    return new VolumeException.Refused(
        "the filesystem of volume %s needs a repair that could lose data, so it is not mounted: %s. Look at it with '%s' on a copy, or restore a snapshot"
            .formatted(volume.name(), e.getMessage(), look),
        e);
  }

  /** The source's filesystem may have been smaller than the source. */
  private static Volume adoptCopy(
      Volume volume, Filesystem type, BlockDevice device, ContentJournal journal) {
    if (!(volume.made().content() instanceof Content.Copied copied)) {
      return volume;
    }
    ByteSize size = new ByteSize(FilesystemSize.read(type, device.path()));
    Volume own = journal.record(volume, new Content.Formatted(copied.type(), size));
    Progress.reached(BlockStep.COPY_ADOPTED);
    return own;
  }

  /** How the filesystem is that {@code entry}, the volume's, is a mount of. */
  Health health(Volume volume, MountEntry entry, Optional<BlockDevice> device) {
    return FilesystemHealth.of(entry, filesystemRoot(volume), device, options(volume).readOnly());
  }

  private void refuseFailed(Volume volume, MountEntry entry) {
    Optional<BlockDevice> device = store.attached(volume);
    if (health(volume, entry, device) instanceof Health.Failed failed) {
      Optional<String> more = device.isEmpty() ? store.whereabouts(volume) : Optional.empty();
      throw new VolumeException.Failed(
          "volume %s cannot be used: %s%s"
              .formatted(volume.name(), failed.why(), more.map("; "::concat).orElse("")));
    }
  }

  /**
   * A volume whose file was renamed under it is found by its mount only; that is still its device
   * as long as the kernel has it.
   */
  private void verify(Volume volume, MountEntry entry) {
    BlockDevice device =
        store.attached(volume).orElseGet(() -> BlockDevice.at(Path.of(entry.source())));
    if (!entry.device().equals(device.number())
        && !entry.source().equals(device.path().toString())) {
      throw new HostException.Unexpected(
          "%s is mounted from %s, not from the volume's device %s"
              .formatted(entry.mountpoint(), entry.source(), device.path()));
    }
  }

  private void undo(Volume volume, Throwable cause) {
    try {
      ensureUnmounted(volume);
    } catch (RuntimeException e) {
      LOG.warnf(e, "volume %s: what a failed mount left could not be undone yet", volume.name());
      cause.addSuppressed(e);
    }
  }

  private static MountOptions options(Volume volume) {
    return volume.options().find(BlockOptions.MOUNT_OPTIONS).orElse(MountOptions.NONE);
  }

  private static FilesystemType type(Volume volume) {
    return switch (volume.made().content()) {
      case Content.Formatted formatted -> formatted.type();
      case Content.Copied copied -> copied.type();
      case Content.Blank blank -> throw unformatted(volume);
      case Content.Foreign foreign -> throw unformatted(volume);
      case Content.Formatting formatting -> throw unformatted(volume);
      case Content.Unmanaged unmanaged -> throw unformatted(volume);
    };
  }

  private static IllegalStateException unformatted(Volume volume) {
    return new IllegalStateException("volume " + volume.name() + " has no filesystem");
  }

  private static void makeMountDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + directory, e);
    }
  }
}
