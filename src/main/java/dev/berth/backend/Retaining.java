package dev.berth.backend;

import dev.berth.volume.Volume;

/** A backend whose volumes bear a mark of whose they are, where others look. */
public interface Retaining {
  /**
   * The volume is removed and its data stays: from now on it may be adopted. Given up already:
   * success. What keeps it from being given up is logged with what to do, and no error: the volume
   * is removed all the same. May block a few seconds.
   */
  void giveUp(Volume volume);
}
