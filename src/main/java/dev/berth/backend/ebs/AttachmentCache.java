package dev.berth.backend.ebs;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this process knows of its volumes' attachments to this instance without asking EC2. Of a
 * volume that it has not handled since it started, it knows nothing.
 */
final class AttachmentCache {
  /** See the constants. */
  private enum Whereabouts {
    /** Asked for, or asked to end: only EC2 knows. */
    UNSURE,
    /** Its device was seen here, and nothing has asked for its end. */
    HERE,
    /** Certainly not attached to this instance. */
    AWAY
  }

  private record Known(Whereabouts whereabouts, Optional<String> device) {}

  private static final Known NOTHING = new Known(Whereabouts.UNSURE, Optional.empty());
  private final Map<String, Known> volumes = new ConcurrentHashMap<>();

  void here(String volume, String device) {
    volumes.put(volume, new Known(Whereabouts.HERE, Optional.of(device)));
  }

  void unsure(String volume, String device) {
    volumes.put(volume, new Known(Whereabouts.UNSURE, Optional.of(device)));
  }

  void away(String volume) {
    volumes.put(volume, new Known(Whereabouts.AWAY, Optional.empty()));
  }

  void forget(String volume) {
    volumes.remove(volume);
  }

  boolean isHere(String volume) {
    return find(volume).whereabouts() == Whereabouts.HERE;
  }

  boolean isAway(String volume) {
    return find(volume).whereabouts() == Whereabouts.AWAY;
  }

  /** The name it was attached with. */
  Optional<String> device(String volume) {
    return find(volume).device();
  }

  private Known find(String volume) {
    return volumes.getOrDefault(volume, NOTHING);
  }
}
