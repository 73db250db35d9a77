package dev.berth.volume;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Options of a volume that have passed an {@link OptionSchema}: canonical names with canonical
 * texts, read back through typed {@link Option}s.
 */
public record VolumeOptions(SortedMap<String, String> texts) {
  public static final VolumeOptions NONE = new VolumeOptions(new TreeMap<>());

  public VolumeOptions {
    texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
  }

  /** The value of {@code option}, empty if it was not given. */
  public <T> Optional<T> find(Option<T> option) {
    return Optional.ofNullable(texts.get(option.name())).map(option.parser());
  }

  /** The canonical text of the value of {@code option}, empty if it was not given. */
  public Optional<String> text(Option<?> option) {
    return Optional.ofNullable(texts.get(option.name()));
  }

  /**
   * The value of an option that is known to be present; its absence is an {@link
   * IllegalStateException}.
   */
  public <T> T require(Option<T> option) {
    return find(option)
        .orElseThrow(() -> new IllegalStateException("option " + option.name() + " is absent"));
  }

  /** The members of a family, by their keys. */
  public SortedMap<String, String> family(Option<?> option) {
    SortedMap<String, String> members = new TreeMap<>();
    String prefix = option.name() + ".";
    texts
        .tailMap(prefix)
        .forEach(
            (name, text) -> {
              if (name.startsWith(prefix)) {
                members.put(name.substring(prefix.length()), text);
              }
            });
    return members;
  }

  /**
   * These options and that one, in place of the value it has. A value that the option's own parser
   * does not read is {@link VolumeException.Invalid}: nobody could read the options again.
   */
  public <T> VolumeOptions with(Option<T> option, T value) {
    String text = option.printer().apply(value);
    var _ = option.parser().apply(text);
    SortedMap<String, String> next = new TreeMap<>(texts);
    next.put(option.name(), text);
    return new VolumeOptions(next);
  }

  /** These options, and those of {@code defaults} that are not among them. */
  public VolumeOptions orElse(VolumeOptions defaults) {
    SortedMap<String, String> next = new TreeMap<>(defaults.texts);
    next.putAll(texts);
    return new VolumeOptions(next);
  }

  /**
   * The options given here that {@code actual} lacks or has with another value; empty means nothing
   * contradicts.
   */
  public VolumeOptions contradicting(VolumeOptions actual) {
    SortedMap<String, String> differing = new TreeMap<>();
    texts.forEach(
        (name, text) -> {
          if (!text.equals(actual.texts.get(name))) {
            differing.put(name, text);
          }
        });
    return new VolumeOptions(differing);
  }

  /** Those of these options that {@code other} names too, with the values they have here. */
  public VolumeOptions namedIn(VolumeOptions other) {
    SortedMap<String, String> common = new TreeMap<>(texts);
    common.keySet().retainAll(other.texts.keySet());
    return new VolumeOptions(common);
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    for (Map.Entry<String, String> option : texts.entrySet()) {
      line.append(line.isEmpty() ? "" : " ")
          .append(option.getKey())
          .append('=')
          .append(option.getValue());
    }
    return line.isEmpty() ? "(none)" : line.toString();
  }
}
