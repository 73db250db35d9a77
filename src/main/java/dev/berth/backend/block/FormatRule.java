package dev.berth.backend.block;

import dev.berth.backend.ContentJournal;
import dev.berth.host.BlankCheck;
import dev.berth.host.BlockDevice;
import dev.berth.host.Filesystem;
import dev.berth.host.Filesystems;
import dev.berth.host.HostException;
import dev.berth.host.Signatures;
import dev.berth.host.Signatures.Signature;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Decides whether a device may be formatted, and formats it. The only caller of mkfs.
 *
 * <ol>
 *   <li>{@link Content.Blank}: the device has the volume's size, a successful probe finds no
 *       signature, and what is read of it is zero; else it is refused.
 *   <li>{@link Content.Formatting} is recorded, with the UUID the filesystem is to have.
 *   <li>mkfs runs.
 *   <li>{@link Content.Formatted} is recorded.
 * </ol>
 *
 * What "blank" guarantees is that of {@link BlankCheck}: not one byte of a device with a file
 * behind it, nor of any device of at most 1 GiB, is other than zero. Of a larger device without a
 * file (a cloud's) it is: no signature that libblkid knows, nothing in the first and the last MiB
 * nor where ext, xfs and btrfs keep copies of their superblocks, and nothing that covers a 1,024th
 * of the device; a few lone bytes in between would not be seen.
 *
 * <p>A crash between 2 and 4 leaves {@code Formatting}. The device was proved blank before that was
 * written and cannot have been mounted since, so what is on it is an unfinished mkfs; unless a
 * probe finds something else than our own UUID, which is refused. It is erased, and mkfs runs
 * again.
 */
@ApplicationScoped
public class FormatRule {
  private final Filesystems filesystems;
  private final Signatures signatures;
  private final BlankCheck blankCheck;

  public FormatRule(Filesystems filesystems, Signatures signatures, BlankCheck blankCheck) {
    this.filesystems = filesystems;
    this.signatures = signatures;
    this.blankCheck = blankCheck;
  }

  /**
   * Makes sure that {@code device}, which was proved to be the volume's, holds the volume's
   * filesystem.
   *
   * @return the volume as it is recorded then, its content {@link Content.Formatted} or {@link
   *     Content.Copied}
   */
  Volume ensureFormatted(Volume volume, BlockDevice device, ContentJournal journal) {
    return switch (volume.made().content()) {
      case Content.Blank blank -> {
        FilesystemType type = volume.options().require(BlockOptions.FS_TYPE);
        proveBlank(volume, device);
        Content.Formatting formatting = new Content.Formatting(type, UUID.randomUUID());
        Volume recorded = journal.record(volume, formatting);
        Progress.reached(BlockStep.FORMATTING_RECORDED);
        yield make(recorded, formatting, device, journal);
      }
      case Content.Formatting formatting -> {
        eraseUnfinished(volume, formatting, device);
        yield make(volume, formatting, device, journal);
      }
      case Content.Formatted formatted -> {
        proveFormatted(volume, formatted.type(), device);
        yield volume;
      }
      case Content.Copied copied -> {
        proveFormatted(volume, copied.type(), device);
        yield volume;
      }
      case Content.Foreign foreign -> recognised(volume, foreign, device, journal);
      case Content.Unmanaged unmanaged ->
          throw new IllegalStateException("volume " + volume.name() + " is no block volume");
    };
  }

  /** Records what filesystem was found on a device that Berth did not format. */
  private Volume recognised(
      Volume volume, Content.Foreign foreign, BlockDevice device, ContentJournal journal) {
    String found = probe(volume, device).map(Signature::type).orElse("nothing known");
    FilesystemType type =
        Stream.of(FilesystemType.values())
            .filter(known -> known.kernelName().equals(found))
            .findFirst()
            .orElseThrow(
                () ->
                    new VolumeException.Refused(
                        "volume %s was not made by Berth, so it is not formatted, and %s is found on %s instead of ext4, xfs or btrfs over the whole device. %s"
                            .formatted(volume.name(), found, device.path(), look(volume, device))));
    Optional<FilesystemType> wanted = volume.options().find(BlockOptions.FS_TYPE);
    if (wanted.isPresent() && wanted.get() != type) {
      throw new VolumeException.Refused(
          "volume %s is to hold %s according to its options, but %s is found on %s. %s"
              .formatted(
                  volume.name(),
                  wanted.get().kernelName(),
                  found,
                  device.path(),
                  look(volume, device)));
    }
    volume.options().find(BlockOptions.MOUNT_OPTIONS).ifPresent(options -> options.checkFor(type));
    boolean copy =
        volume.options().find(BlockOptions.SNAPSHOT_ID).isPresent()
            || volume.options().find(BlockOptions.SOURCE_VOLUME).isPresent();
    Volume recognised =
        journal.record(
            volume,
            copy
                ? new Content.Copied(type, foreign.size())
                : new Content.Formatted(type, foreign.size()));
    Progress.reached(BlockStep.FILESYSTEM_RECOGNISED);
    return recognised;
  }

  private Volume make(
      Volume volume, Content.Formatting formatting, BlockDevice device, ContentJournal journal) {
    filesystems.make(
        Filesystem.valueOf(formatting.type().name()),
        device.path(),
        formatting.uuid(),
        number(volume.options().find(BlockOptions.BLOCK_SIZE)),
        number(volume.options().find(BlockOptions.INODE_SIZE)));
    Progress.reached(BlockStep.FILESYSTEM_MADE);
    Volume formatted =
        journal.record(
            volume, new Content.Formatted(formatting.type(), new ByteSize(device.size())));
    Progress.reached(BlockStep.FORMATTED_RECORDED);
    return formatted;
  }

  private void proveBlank(Volume volume, BlockDevice device) {
    if (readOnly(volume)) {
      throw new VolumeException.Invalid(
          "volume %s was never written and has the mount option ro: there is nothing to read"
              .formatted(volume.name()));
    }
    ByteSize wanted = volume.options().require(CommonOptions.SIZE);
    if (device.size() != wanted.bytes()) {
      throw refused(
          volume, device, "it has %s instead of %s".formatted(new ByteSize(device.size()), wanted));
    }
    probe(volume, device)
        .ifPresent(
            found -> {
              throw refused(volume, device, "there is a signature of " + found.type());
            });
    OptionalLong data = read(volume, device);
    if (data.isPresent()) {
      throw refused(volume, device, "there is data at byte " + data.getAsLong());
    }
  }

  /** An unfinished filesystem of ours makes room: mkfs.btrfs takes no UUID that is in use. */
  private void eraseUnfinished(Volume volume, Content.Formatting formatting, BlockDevice device) {
    if (probeForOurs(volume, formatting, device).isPresent()) {
      signatures.erase(device.path());
      Progress.reached(BlockStep.UNFINISHED_ERASED);
    }
  }

  private Optional<Signature> probeForOurs(
      Volume volume, Content.Formatting formatting, BlockDevice device) {
    Optional<Signature> found = probe(volume, device);
    boolean ours =
        found.isEmpty()
            || (found.get().type().equals(formatting.type().kernelName())
                && found
                    .get()
                    .uuid()
                    .filter(formatting.uuid().toString()::equalsIgnoreCase)
                    .isPresent());
    if (!ours) {
      throw refused(
          volume,
          device,
          "formatting it was interrupted, and now there is a signature of %s that is not ours"
              .formatted(found.get().type()));
    }
    return found;
  }

  private void proveFormatted(Volume volume, FilesystemType type, BlockDevice device) {
    String found = probe(volume, device).map(Signature::type).orElse("nothing known");
    if (!found.equals(type.kernelName())) {
      throw new VolumeException.Refused(
          "volume %s holds %s according to the ledger, but %s is found on %s. It is not mounted, and never formatted again. %s"
              .formatted(
                  volume.name(), type.kernelName(), found, device.path(), look(volume, device)));
    }
  }

  private OptionalLong read(Volume volume, BlockDevice device) {
    try {
      return blankCheck.firstData(device);
    } catch (HostException e) {
      throw undecided(volume, device, e);
    }
  }

  private Optional<Signature> probe(Volume volume, BlockDevice device) {
    try {
      return signatures.probe(device.path());
    } catch (HostException e) {
      throw undecided(volume, device, e);
    }
  }

  private static VolumeException.Refused undecided(
      Volume volume, BlockDevice device, HostException cause) {
    return new VolumeException.Refused(
        "volume %s is not mounted, and was not formatted: what is on %s cannot be told (%s). Nothing was written; mend that, then mount it again"
            .formatted(volume.name(), place(volume, device), cause.getMessage()),
        cause);
  }

  private static VolumeException.Refused refused(Volume volume, BlockDevice device, String why) {
    return new VolumeException.Refused(
        "volume %s is not formatted on %s, because it is not certain to be blank: %s. Nothing was written. %s; if nothing on it is wanted, remove the volume and create it again"
            .formatted(volume.name(), device.path(), why, look(volume, device)));
  }

  /** The device itself is gone again when people read the error. */
  private static String look(Volume volume, BlockDevice device) {
    String place = place(volume, device);
    return device.backingFile().isPresent()
        ? "Look at it with 'blkid -p %s' and 'wipefs -n %s' on this host".formatted(place, place)
        : "Attach %s by hand and look at it with 'blkid -p' and 'wipefs -n'".formatted(place);
  }

  private static String place(Volume volume, BlockDevice device) {
    return device.backingFile().map(Path::toString).orElse(volume.made().ref().value());
  }

  private static boolean readOnly(Volume volume) {
    return volume.options().find(BlockOptions.MOUNT_OPTIONS).orElse(MountOptions.NONE).readOnly();
  }

  private static OptionalInt number(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }
}
