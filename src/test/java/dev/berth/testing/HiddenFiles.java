package dev.berth.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of this host that neither Berth nor this test can use until it is closed: {@code /dev/null}
 * is mounted over them, in the mount namespace the tests have for themselves.
 */
public final class HiddenFiles implements AutoCloseable {
  private final List<Path> files;

  private HiddenFiles(List<Path> files) {
    this.files = files;
  }

  public static HiddenFiles of(List<Path> files) {
    HiddenFiles hidden = new HiddenFiles(files.stream().filter(Files::exists).toList());
    hidden.files.forEach(file -> Run.of("mount", "--bind", "/dev/null", file.toString()).succeed());
    return hidden;
  }

  /** Whether there was nothing to hide. */
  public boolean isEmpty() {
    return files.isEmpty();
  }

  @Override
  public void close() {
    files.forEach(file -> Run.of("umount", "--", file.toString()).run().orFail());
  }
}
