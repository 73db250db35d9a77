package dev.berth.backend;

import dev.berth.volume.ByteSize;
import dev.berth.volume.Volume;
import java.util.Optional;

/** A backend whose volumes can be made larger. */
public interface Growable {
  /**
   * The size the volume would get if it is to have at least {@code wanted}; one that it cannot have
   * is {@link dev.berth.volume.VolumeException.Invalid}. Changes nothing.
   */
  ByteSize sizeFor(Volume volume, ByteSize wanted);

  /**
   * Brings the thing to the size in the volume's options. That size already: success. Failed, but
   * for {@link dev.berth.volume.VolumeException.UnknownOutcome} and {@link
   * dev.berth.volume.VolumeException.Busy}: it has the size it had, and will not change by itself.
   * May block minutes; a mounted volume stays usable meanwhile.
   */
  void enlarge(Volume volume);

  /**
   * Brings the filesystem to the size of its thing if it is mounted here; one that is not mounted
   * follows at the next mount. That size already: success. May block minutes; the volume stays
   * usable meanwhile.
   */
  Volume follow(Volume volume, ContentJournal journal);

  /**
   * The size that the volume's thing has now, whatever its options say; empty if it is not there or
   * that is not known. May block some seconds to ask a cloud.
   */
  Optional<ByteSize> presentSize(Volume volume);

  /** Both. Half-way failed: the rest is done. */
  default Volume grow(Volume volume, ContentJournal journal) {
    enlarge(volume);
    return follow(volume, journal);
  }
}
