package dev.berth.volume;

/**
 * The name of what makes a volume, as the option {@code backend} gives it: {@code loop}, {@code
 * ebs}, {@code s3}.
 */
public record BackendName(String value) implements Comparable<BackendName> {
  @Override
  public int compareTo(BackendName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
