package dev.berth.model;

import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What must be true of one volume. */
final class ModelVolume {
  /** Options by their canonical names, as given when it was created, its size included. */
  final Map<String, String> options;

  int mebibytes;
  boolean formatted;

  /** Whether its filesystem may be smaller than its device until it is mounted anew. */
  boolean filesystemBehind;

  final Map<String, String> files = new TreeMap<>();
  final Set<String> ids = new TreeSet<>();

  /** Ids of dead engines; they may still be shown. */
  final Set<String> deadIds = new TreeSet<>();

  Optional<Holder> holder = Optional.empty();
  Span touched = Span.LONG_AGO;

  /** Until then a mount whose caller went may stay for the caller's next try. */
  Instant keptUntil = Instant.EPOCH;

  /** The name of its file, once it was seen. */
  Optional<String> image = Optional.empty();

  /** A process that uses the volume at {@code place}, which only it sees. */
  record Holder(ProcessHandle process, Path place) {}

  ModelVolume(Map<String, String> options, int mebibytes) {
    this.options = new HashMap<>(options);
    this.mebibytes = mebibytes;
  }

  boolean mustBeMounted() {
    return !ids.isEmpty() || holder.isPresent();
  }

  boolean mayBeMounted() {
    return mustBeMounted() || Instant.now().isBefore(keptUntil);
  }

  void mountedFor(String id, Span span) {
    if (!mayBeMounted()) {
      filesystemBehind = false;
    }
    formatted = true;
    ids.add(id);
    deadIds.remove(id);
    touched = span;
    keptUntil = Instant.EPOCH;
  }

  void unmountedFor(String id, Span span) {
    ids.remove(id);
    deadIds.remove(id);
    touched = span;
  }
}
