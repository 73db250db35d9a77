package dev.berth.backend.block;

import dev.berth.backend.Observed.Health;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.host.Mounts;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeState;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Tells the device of a mounted volume what its filesystem does not use any more, so that the file
 * below gives that space back to the host.
 */
final class Trimmer {
  private static final Logger LOG = Logger.getLogger(Trimmer.class);

  /** A Mount may wait behind it. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final long PIECE = 1L << 30;
  private static final String READ_ONLY = "ro";

  private final BlockStore store;
  private final BlockMounter mounter;
  private final Mounts mounts;

  Trimmer(BlockStore store, BlockMounter mounter, Mounts mounts) {
    this.store = store;
    this.mounter = mounter;
    this.mounts = mounts;
  }

  /**
   * Before the last unmount; at most 2 seconds, and never fails. What is about to be deleted gives
   * its space back anyway.
   */
  void atRelease(Volume volume) {
    if (volume.state() instanceof VolumeState.Ready) {
      try {
        device(volume).ifPresent(_ -> mounts.trim(mounter.filesystemRoot(volume), LIMIT));
      } catch (HostException e) {
        LOG.debugf("volume %s gives no space back now: %s", volume.name(), e.getMessage());
      }
    }
  }

  /**
   * See {@link dev.berth.backend.Trimmable#trim}. btrfs counts in addresses of its own, which lie
   * anywhere; and trims by itself what was freed: it is one piece.
   */
  boolean trim(Volume volume, int piece) {
    Optional<BlockDevice> device = device(volume);
    if (device.isEmpty()) {
      return false;
    }
    if (mounter.mounted(volume).filter(entry -> entry.type().equals("btrfs")).isPresent()) {
      mounts.trim(mounter.filesystemRoot(volume), LIMIT);
      return false;
    }
    mounts.trim(mounter.filesystemRoot(volume), piece * PIECE, PIECE, LIMIT);
    return (piece + 1) * PIECE < device.get().size();
  }

  /** The device, if what is mounted there is the volume's filesystem and may be trimmed. */
  private Optional<BlockDevice> device(Volume volume) {
    if (!store.discards(volume)) {
      return Optional.empty();
    }
    Optional<MountEntry> entry = mounter.mounted(volume);
    Optional<BlockDevice> device = entry.flatMap(_ -> store.attached(volume));
    return device.filter(
        there ->
            isOf(entry.get(), there)
                && !entry.get().superOptions().contains(READ_ONLY)
                && works(mounter.health(volume, entry.get(), device)));
  }

  private static boolean isOf(MountEntry entry, BlockDevice device) {
    return entry.device().equals(device.number())
        || entry.source().equals(device.path().toString());
  }

  private static boolean works(Health health) {
    return switch (health) {
      case Health.Sound _, Health.AtRisk _ -> true;
      case Health.Doomed _, Health.Failed _ -> false;
    };
  }
}
