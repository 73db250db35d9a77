package dev.berth.backend;

import dev.berth.volume.Volume;

/** A backend whose volumes can be made larger. */
public interface Growable {
  /**
   * Brings the thing, and the filesystem if it is mounted here, to the size in the volume's
   * options; a filesystem that is not mounted follows at the next mount. That size already:
   * success. Half-way failed: the rest is done. May block minutes; a mounted volume stays usable
   * meanwhile.
   */
  Volume grow(Volume volume, ContentJournal journal);
}
