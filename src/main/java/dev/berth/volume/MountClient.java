package dev.berth.volume;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A process that serves the mount of one volume on this host.
 *
 * @param program its name: {@code s3fs}
 * @param pid the last one, if it is dead
 * @param restarts since the volume was mounted, or since Berth started
 * @param cacheBytes what its files on this host take, empty if it was not measured yet
 * @param lastError what last went wrong with it; it may have recovered since
 */
public record MountClient(
    String program,
    long pid,
    State state,
    int restarts,
    OptionalLong cacheBytes,
    Optional<String> lastError) {

  /** How it does. */
  public enum State {
    /** A mount that answers, in front of a store that answers. */
    HEALTHY,
    /**
     * The client lives, but the store does not answer or refuses; it is left to recover by itself.
     */
    ENDPOINT_DOWN,
    /** The client lives, but does not answer; it is about to be replaced. */
    HUNG,
    /** The client ended; it is about to be started again. */
    DEAD;

    /** For people and labels: {@code endpoint-down}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
