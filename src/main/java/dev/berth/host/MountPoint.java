package dev.berth.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where something is mounted. In other mount namespaces that may be anything, also what is no
 * {@link Path} in the locale of this process.
 *
 * @param bytes as the kernel has them, each as one char
 */
public record MountPoint(String bytes) {
  static MountPoint of(Path path) {
    return new MountPoint(
        new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  public boolean is(Path path) {
    return equals(of(path));
  }

  /** Whether {@code path} is this or below it. */
  public boolean contains(Path path) {
    return contains(of(path));
  }

  /** Whether this is {@code directory} or below it. */
  public boolean isIn(Path directory) {
    return of(directory).contains(this);
  }

  /**
   * The rest of the path to {@code other}, which is this or below it: empty, or begins with a
   * slash.
   */
  Optional<String> pathTo(MountPoint other) {
    if (!contains(other)) {
      return Optional.empty();
    }
    return Optional.of(bytes.equals("/") ? other.bytes : other.bytes.substring(bytes.length()));
  }

  private boolean contains(MountPoint other) {
    return bytes.equals("/") || (other.bytes + "/").startsWith(bytes + "/");
  }

  /** For people. */
  @Override
  public String toString() {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
        .replaceAll("\\p{Cntrl}", "?");
  }
}
