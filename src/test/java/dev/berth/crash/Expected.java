package dev.berth.crash;

import dev.berth.volume.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What has to be true of a volume. What a call was answered with is noted as it comes; what a crash
 * may have left is told by the scenario.
 */
final class Expected {
  private final Map<String, String> files = new TreeMap<>();
  private final Set<String> ids = new TreeSet<>();
  private List<String> cameTo = List.of();
  private Optional<Expected> source = Optional.empty();
  private boolean there;
  private boolean retained;
  private int snapshots;
  private int formats = 1;
  private long largerThan;

  /** Notes how far the operation came. */
  void cameTo(List<String> steps) {
    cameTo = List.copyOf(steps);
  }

  boolean cameTo(Step step) {
    return cameTo.contains(step.name());
  }

  boolean endedAt(Step step) {
    return !cameTo.isEmpty() && cameTo.getLast().equals(step.name());
  }

  void isThere() {
    there = true;
  }

  void isGone() {
    there = false;
    ids.clear();
  }

  /** It is gone, but its file is not. */
  void isRetained() {
    isGone();
    retained = true;
  }

  void isNotRetained() {
    retained = false;
  }

  void hasSource(Expected original) {
    source = Optional.of(original);
  }

  /** It is there, with the data of its source, and never formatted itself. */
  void isCopy() {
    there = true;
    formats = 0;
    files.putAll(source.orElseThrow().files);
  }

  /** It is mounted for this id, and stays so until that is unmounted. */
  void isHeldFor(String id) {
    ids.add(id);
  }

  void isHeldNoMoreFor(String id) {
    ids.remove(id);
  }

  void isFree() {
    ids.clear();
  }

  void hasFile(String name, String text) {
    files.put(name, text);
  }

  void hasSnapshots(int count) {
    snapshots = count;
  }

  /** Its filesystem has more bytes than that. */
  void isLargerThan(long bytes) {
    largerThan = bytes;
  }

  /** mkfs did its work, and what it did does not count. */
  void wasHalfFormatted() {
    formats++;
  }

  boolean there() {
    return there;
  }

  boolean retained() {
    return retained;
  }

  Set<String> ids() {
    return Set.copyOf(ids);
  }

  Map<String, String> files() {
    return Map.copyOf(files);
  }

  int snapshots() {
    return snapshots;
  }

  long largerThan() {
    return largerThan;
  }

  /** How often mkfs runs in the volume's life, without a crash. */
  int formats() {
    return formats;
  }
}
