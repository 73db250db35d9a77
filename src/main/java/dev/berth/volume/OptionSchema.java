package dev.berth.volume;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The options a volume of one backend takes, and the only way from a user's texts to {@link
 * VolumeOptions}.
 */
public final class OptionSchema {
  private static final int LONGEST = 1024;
  private static final int MOST = 256;
  private static final int MOST_TEXT = 64 << 10;

  private final SortedMap<String, Option<?>> byFoldedName = new TreeMap<>();

  public OptionSchema(Collection<? extends Option<?>> options) {
    options.forEach(option -> byFoldedName.put(fold(option.name()), option));
  }

  /**
   * Parses what a user gave. An option that this schema does not have, a value that its option
   * refuses, one of more than 1024 characters or with control characters, and one option given
   * twice in two spellings are {@link VolumeException.Invalid}, with the valid options in the text.
   * So are more than 256 options, and more than 64 KiB of them.
   */
  public VolumeOptions parse(Map<String, String> given) {
    refuseTooMuch(given);
    SortedMap<String, String> texts = new TreeMap<>();
    given.forEach(
        (key, text) -> {
          refuseUnreadable(key, text);
          String name = canonicalName(key);
          if (texts.put(name, canonicalText(key, text)) != null) {
            throw new VolumeException.Invalid("option '%s' is given twice".formatted(name));
          }
        });
    return new VolumeOptions(texts);
  }

  /**
   * The options given, and those of {@code defaults} that are not among them and that none of them
   * settles: the size of a copy, say, is its source's and not the default.
   */
  public VolumeOptions complete(VolumeOptions given, VolumeOptions defaults) {
    SortedMap<String, String> open = new TreeMap<>(defaults.texts());
    byFoldedName.values().stream()
        .filter(option -> given.find(option).isPresent())
        .forEach(option -> open.keySet().removeAll(option.settles()));
    return given.orElse(new VolumeOptions(open));
  }

  /** All of them, by name. */
  public List<Option<?>> options() {
    return List.copyOf(byFoldedName.values());
  }

  /** Whether {@code key}, in any spelling, names an option of this schema. */
  public boolean knows(String key) {
    return find(key).isPresent();
  }

  private static void refuseTooMuch(Map<String, String> given) {
    if (given.size() > MOST) {
      throw new VolumeException.Invalid(
          "%d options, labels and tags: a volume takes at most %d".formatted(given.size(), MOST));
    }
    int text =
        given.entrySet().stream()
            .mapToInt(option -> option.getKey().length() + option.getValue().length())
            .sum();
    if (text > MOST_TEXT) {
      throw new VolumeException.Invalid(
          "the options, labels and tags have %d characters: a volume takes at most %d"
              .formatted(text, MOST_TEXT));
    }
  }

  /** What passes can stand in an error text, a log and the ledger as it is. */
  private static void refuseUnreadable(String key, String text) {
    if (!Shown.isPlain(key, LONGEST) || !Shown.isPlain(text, LONGEST)) {
      throw new VolumeException.Invalid(
          "option '%s': its name and its value must be printable, on one line and of at most %d characters"
              .formatted(Shown.of(key), LONGEST));
    }
  }

  private String canonicalName(String key) {
    Option<?> option = find(key).orElseThrow(() -> unknown(key));
    return option.family() ? option.name() + "." + memberKey(key) : option.name();
  }

  private String canonicalText(String key, String text) {
    return canonical(find(key).orElseThrow(() -> unknown(key)), text);
  }

  private static <T> String canonical(Option<T> option, String text) {
    try {
      return option.printer().apply(option.parser().apply(text));
    } catch (VolumeException.Invalid e) {
      throw new VolumeException.Invalid(
          "option %s: %s".formatted(option.name(), e.getMessage()), e);
    }
  }

  private Optional<Option<?>> find(String key) {
    int dot = key.indexOf('.');
    String name = dot < 0 ? key : key.substring(0, dot);
    boolean member = dot >= 0 && dot + 1 < key.length();
    return Optional.<Option<?>>ofNullable(byFoldedName.get(fold(name)))
        .filter(option -> option.family() ? member : dot < 0);
  }

  private VolumeException.Invalid unknown(String key) {
    return new VolumeException.Invalid(
        "unknown option '%s': the options here are %s"
            .formatted(
                key,
                byFoldedName.values().stream()
                    .map(option -> option.family() ? option.name() + ".KEY" : option.name())
                    .collect(Collectors.joining(", "))));
  }

  private static String memberKey(String key) {
    return key.substring(key.indexOf('.') + 1);
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
