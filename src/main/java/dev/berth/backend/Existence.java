package dev.berth.backend;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;

/** A backend that can tell whether a volume's thing is there, all of it or nothing. */
public interface Existence {
  /**
   * Whether the thing of a volume that was made is still there and is not about to go. Where that
   * cannot be told: {@link VolumeException}. Changes nothing; may block some seconds to ask a
   * cloud.
   */
  boolean exists(Volume volume);
}
