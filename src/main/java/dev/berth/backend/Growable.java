package dev.berth.backend;

import dev.berth.volume.ByteSize;
import dev.berth.volume.Volume;

/** A backend whose volumes can be made larger. */
public interface Growable {
  /**
   * The size the volume would get if it is to have at least {@code wanted}; one that it cannot have
   * is {@link dev.berth.volume.VolumeException.Invalid}. Changes nothing.
   */
  ByteSize sizeFor(Volume volume, ByteSize wanted);

  /**
   * Brings the thing, and the filesystem if it is mounted here, to the size in the volume's
   * options; a filesystem that is not mounted follows at the next mount. That size already:
   * success. Half-way failed: the rest is done. May block minutes; a mounted volume stays usable
   * meanwhile.
   */
  Volume grow(Volume volume, ContentJournal journal);
}
