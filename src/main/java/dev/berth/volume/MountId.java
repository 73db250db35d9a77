package dev.berth.volume;

/**
 * The id Docker sends with Mount and Unmount, 64 hexadecimal digits from every engine seen. A hint,
 * never the truth: engines reuse it, forget it, and send a running container's id for {@code docker
 * cp}.
 */
public record MountId(String value) implements Comparable<MountId> {
  private static final int LONGEST = 256;

  /**
   * Refuses a blank id, one of more than 256 characters and one with control characters, with
   * {@link VolumeException.Invalid}.
   */
  public MountId {
    if (value.isBlank() || !Shown.isPlain(value, LONGEST)) {
      throw new VolumeException.Invalid(
          "the mount ID must have 1 to %d printable characters".formatted(LONGEST));
    }
  }

  @Override
  public int compareTo(MountId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
