package dev.berth.backend.ebs;

import java.util.Set;

/**
 * An instance as EC2 describes it.
 *
 * @param state {@code pending}, {@code running}, {@code stopping}, {@code stopped}, {@code
 *     shutting-down}, {@code terminated}
 * @param devices the names that EC2 knows to be taken
 * @param interfaces how many network interfaces it has
 */
record CloudInstance(String id, String state, String type, Set<String> devices, int interfaces) {
  private static final Set<String> GONE = Set.of("stopped", "terminated");

  /** Whether nothing can run on it now. */
  boolean gone() {
    return GONE.contains(state);
  }
}
