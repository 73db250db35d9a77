package dev.berth.backend;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;

/** A backend that keeps what was written on this host until it is where the volume's data lives. */
public interface WriteBack {
  /**
   * {@link VolumeException.InUse} if this host has data of the volume, which is not mounted, that
   * only its next mount here would bring to the others. Changes nothing, asks no cloud, and answers
   * in milliseconds.
   */
  void requireWrittenBack(Volume volume);

  /**
   * Unmounts the volume, as {@link VolumeBackend#unmount} does but without waiting for what has not
   * been brought to the others, and deletes that: nobody needs it. None: only unmounted. In use:
   * {@link VolumeException.InUse}, and nothing is deleted. May block some ten seconds.
   *
   * @return how many files are lost
   */
  int discardUnwritten(Volume volume);
}
