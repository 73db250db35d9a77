package dev.berth.backend.s3;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a client's program; what comes after the second number makes no difference. */
record ClientVersion(int major, int minor) implements Comparable<ClientVersion> {
  private static final Pattern IN_TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.\\d+)*");

  /** The first one in what a program says of itself; empty if there is none. */
  static Optional<ClientVersion> in(String text) {
    Matcher version = IN_TEXT.matcher(text);
    return version.find()
        ? Optional.of(
            new ClientVersion(
                Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2))))
        : Optional.empty();
  }

  boolean isAtLeast(ClientVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(ClientVersion other) {
    return Comparator.comparingInt(ClientVersion::major)
        .thenComparingInt(ClientVersion::minor)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
