package dev.berth.backend;

import dev.berth.volume.Volume;

/** A backend whose mounted volumes can give back the space of what was deleted in them. */
public interface Trimmable {
  /**
   * Gives back one piece of what the filesystem does not use; the caller holds the volume's lock,
   * and nothing freezes the volume. Blocks some seconds at most. Not mounted, read-only, failed, or
   * not to give anything back: nothing is done. Failures are {@link
   * dev.berth.volume.VolumeException}, and do no harm.
   *
   * @param piece from 0 on
   * @return whether there is a piece after this one
   */
  boolean trim(Volume volume, int piece);
}
