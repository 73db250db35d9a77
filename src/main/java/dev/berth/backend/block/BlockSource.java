package dev.berth.backend.block;

import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;

/** What a new block volume starts as. */
public sealed interface BlockSource {
  /** Nothing: all zero. */
  record Nothing() implements BlockSource {}

  record OfSnapshot(Snapshot snapshot) implements BlockSource {}

  record OfVolume(Volume volume) implements BlockSource {}

  /** Itself: it exists, and Berth did not make it. {@code id} is the store's own name for it. */
  record Existing(String id) implements BlockSource {}
}
