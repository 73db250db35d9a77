package dev.berth.backend;

import dev.berth.volume.Volume;

/** A backend that can bring what a mounted volume holds in memory to its device. */
public interface Flushable {
  /** Returns when everything written so far is durable. Not mounted: success. May block minutes. */
  void flush(Volume volume);
}
