package dev.berth.backend;

import dev.berth.volume.BackendName;
import dev.berth.volume.OptionSchema;

/**
 * What is true of all volumes of a backend.
 *
 * @param schema every option its volumes take, the common ones included
 */
public record BackendTraits(BackendName name, Sharing sharing, OptionSchema schema) {
  /** How many hosts may hold one volume at a time. */
  public enum Sharing {
    EXCLUSIVE,
    SHARED
  }
}
