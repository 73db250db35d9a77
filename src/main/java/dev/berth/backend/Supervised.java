package dev.berth.backend;

import dev.berth.volume.MountClient;
import dev.berth.volume.Volume;
import java.util.Collection;
import java.util.Optional;

/** A backend whose mounts are each served by a process of this host, which it watches. */
public interface Supervised {
  /**
   * Takes up the process that an earlier run of Berth left for a volume: a living one is watched
   * again, a dead one replaced in the background. None: success. Answers in milliseconds.
   */
  void resume(Volume volume);

  /** What is known of the volume's process; empty if it is not mounted here. Never blocks. */
  Optional<MountClient> client(Volume volume);

  /** Those of all volumes mounted here. Never blocks. */
  Collection<MountClient> clients();

  /** How many had to be replaced since Berth started. */
  long restarts();
}
