package dev.berth.volume;

import java.util.regex.Pattern;

/**
 * The name of what makes a volume, as the option {@code backend} gives it: {@code loop}, {@code
 * ebs}, {@code s3}.
 */
public record BackendName(String value) implements Comparable<BackendName> {
  private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9_-]{1,32}");

  /** Refuses what cannot be one with {@link VolumeException.Invalid}. */
  public BackendName {
    if (!VALID.matcher(value).matches()) {
      throw new VolumeException.Invalid(
          "'%s' is not the name of a backend".formatted(Shown.of(value)));
    }
  }

  @Override
  public int compareTo(BackendName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
