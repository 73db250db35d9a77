package dev.berth.volume;

import java.util.regex.Pattern;

/**
 * The name of a volume: 1 to 128 characters, letters, digits, {@code _}, {@code .} and {@code -},
 * the first one a letter or a digit. Such a name is safe as a single path element; the Docker
 * engine itself checks nothing.
 */
public record VolumeName(String value) implements Comparable<VolumeName> {
  private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

  /** Refuses any other text with {@link VolumeException.Invalid}. */
  public VolumeName {
    if (!VALID.matcher(value).matches()) {
      throw new VolumeException.Invalid(
          "invalid volume name '%s': use 1 to 128 of the characters a-z A-Z 0-9 _ . - and begin with a letter or a digit"
              .formatted(Shown.of(value)));
    }
  }

  @Override
  public int compareTo(VolumeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
