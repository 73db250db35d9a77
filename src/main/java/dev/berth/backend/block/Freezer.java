package dev.berth.backend.block;

import dev.berth.host.Mounts;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Stops the writes to a mounted volume while it is copied. */
final class Freezer {
  private static final Logger LOG = Logger.getLogger(Freezer.class);
  private static final int THAW_TRIES = 5;

  private final BlockMounter mounter;
  private final Mounts mounts;

  Freezer(BlockMounter mounter, Mounts mounts) {
    this.mounter = mounter;
    this.mounts = mounts;
  }

  /** Runs {@code copy} with the volume frozen, if it is mounted, and thaws it whatever happens. */
  <T> T whileFrozen(Volume volume, Supplier<T> copy) {
    if (mounter.mounted(volume).isEmpty()) {
      return copy.get();
    }
    Path root = mounter.filesystemRoot(volume);
    try {
      mounts.freeze(root);
      Progress.reached(BlockStep.FROZEN);
      T copied = copy.get();
      Progress.reached(BlockStep.COPIED);
      return copied;
    } finally {
      thawSurely(volume, root);
      Progress.reached(BlockStep.THAWED);
    }
  }

  private void thawSurely(Volume volume, Path root) {
    for (int tries = 1; ; tries++) {
      try {
        mounts.thaw(root);
        return;
      } catch (RuntimeException e) {
        LOG.errorf(
            e,
            "volume %s is frozen and could not be thawed; 'fsfreeze -u %s' does it",
            volume.name(),
            root);
        if (tries == THAW_TRIES) {
          throw e;
        }
      }
    }
  }

  /** Thaws the volume if a process that froze it died; anything else: success. */
  void thaw(Volume volume) {
    if (mounter.mounted(volume).isPresent() && mounts.thaw(mounter.filesystemRoot(volume))) {
      Progress.reached(BlockStep.THAWED);
      LOG.warnf(
          "volume %s: its filesystem was still frozen from an interrupted snapshot; it is thawed",
          volume.name());
    }
  }
}
