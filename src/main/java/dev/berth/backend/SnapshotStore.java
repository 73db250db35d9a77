package dev.berth.backend;

import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.List;

/** A backend that can keep copies of its volumes. */
public interface SnapshotStore {
  /**
   * Copies the volume as it is now; a mounted one is frozen while that lasts, and thawed whatever
   * happens. A volume that has no filesystem yet is {@link VolumeException.Invalid}. On failure no
   * snapshot is left. May block a minute.
   */
  Snapshot takeSnapshot(Volume volume);

  /**
   * As {@link #takeSnapshot}, of a volume that is being removed, under an id that is this {@link
   * Volume#removal}'s alone: if an earlier call took it, that one is returned, whatever other
   * snapshots there are.
   */
  Snapshot takeLastSnapshot(Volume volume);

  /** All of them, the oldest first, those of removed volumes included. */
  List<Snapshot> snapshots();

  /** Deletes one; absent: success. Volumes made from it are not touched. */
  void deleteSnapshot(String id);

  /**
   * Deletes what a process that died left of snapshots it had begun to take or to delete; those
   * that are being taken now stay.
   */
  void discardUnfinished();

  /**
   * Gives up the copies of mounted volumes that are being taken, so that nothing is frozen any
   * more, and takes no more of them: Berth is about to end. None: nothing to do. May block 10
   * seconds, and 30 for each volume that does not thaw.
   */
  void abandonCopies();

  /**
   * Thaws the volume if a process that froze it died; anything else: success. If the kernel is
   * still freezing it for that process: {@link VolumeException.Busy}, until it is done with that.
   */
  void thaw(Volume volume);
}
