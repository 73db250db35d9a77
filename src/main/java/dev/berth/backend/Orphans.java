package dev.berth.backend;

/** A backend that can have left something on this host that belongs to no volume any more. */
public interface Orphans {
  /**
   * Frees it, unless something uses it. Nothing there: nothing to do. May block some seconds for
   * each thing; failures are {@link dev.berth.volume.VolumeException}.
   */
  void freeOrphans();
}
