package dev.berth.backend.block;

import dev.berth.backend.ContentJournal;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import org.jboss.logging.Logger;

/** Finishes, before a mount, a growth that was recorded and did not happen. */
final class FullSize {
  private static final Logger LOG = Logger.getLogger(FullSize.class);
  private final BlockStore store;

  FullSize(BlockStore store) {
    this.store = store;
  }

  /**
   * The device as large as the volume's options say. It is smaller only where a crash, or a store
   * that refused, came between the record of a larger size and the growth; anything else is left
   * for the {@link FormatRule} to refuse. A filesystem that is there is as good as it was if the
   * store refuses again.
   */
  BlockDevice of(Volume volume, BlockDevice device, ContentJournal journal) {
    ByteSize wanted = volume.options().require(CommonOptions.SIZE);
    if (!recorded(volume, wanted) || device.size() >= wanted.bytes()) {
      return device;
    }
    try {
      store.grow(volume);
      Progress.reached(BlockStep.DEVICE_GROWN);
    } catch (HostException | VolumeException e) {
      if (!mayHoldData(volume.made().content())) {
        throw e;
      }
      LOG.warnf(e, "volume %s is mounted at its present size", volume.name());
      journal.warn(
          volume,
          "volume %s is mounted with the %s it has: it is to have %s, but: %s. 'berth grow %s %s' tries again"
              .formatted(
                  volume.name(),
                  new ByteSize(device.size()),
                  wanted,
                  e.getMessage(),
                  volume.name(),
                  wanted));
    }
    return store
        .attached(volume)
        .orElseThrow(() -> new HostException.Unexpected("its device is gone"));
  }

  private static boolean recorded(Volume volume, ByteSize wanted) {
    return switch (volume.made().content()) {
      case Content.Blank blank -> blank.size().compareTo(wanted) < 0;
      case Content.Formatting formatting -> true;
      case Content.Formatted formatted -> formatted.size().compareTo(wanted) < 0;
      case Content.Copied copied -> copied.size().compareTo(wanted) < 0;
      case Content.Foreign foreign -> foreign.size().compareTo(wanted) < 0;
      case Content.Unmanaged unmanaged -> false;
    };
  }

  private static boolean mayHoldData(Content content) {
    return !(content instanceof Content.Blank || content instanceof Content.Formatting);
  }
}
