package dev.berth.backend.ebs;

import java.util.Set;

/**
 * The last change of a volume's size or type.
 *
 * @param state {@code modifying}, {@code optimizing}, {@code completed}, {@code failed}
 */
record CloudModification(String volume, String state, int targetGiB, String message) {
  private static final Set<String> IN_EFFECT = Set.of("optimizing", "completed");
  static final String FAILED = "failed";

  /** Whether the volume has the size it is to have. */
  boolean inEffect() {
    return IN_EFFECT.contains(state);
  }
}
