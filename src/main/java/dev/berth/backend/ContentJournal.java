package dev.berth.backend;

import dev.berth.volume.Content;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;

/**
 * How a backend keeps, in the ledger, what it is about to do to the bytes of a volume and what it
 * has done.
 */
@FunctionalInterface
public interface ContentJournal {
  /**
   * Records {@code next} as the content of {@code current}, durably, and returns the volume as it
   * is then. If the volume was changed meanwhile, nothing is written and {@link
   * VolumeException.Conflict} thrown.
   */
  Volume record(Volume current, Content next);

  /** Tells people of something that is not as it should be, though the volume can be used. */
  default void warn(Volume volume, String message) {}
}
