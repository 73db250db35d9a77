package dev.berth.host;

import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Reads a path from the configuration as the kernel will name it: absolute, and without symbolic
 * links as far as it exists. Mount tables and loop devices are searched for such paths.
 */
public final class RealPath implements Converter<Path> {
  private static final long serialVersionUID = 1L;

  @Override
  public Path convert(String value) {
    return of(Path.of(value));
  }

  static Path of(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    try {
      return absolute.toRealPath();
    } catch (IOException e) {
      Path parent = absolute.getParent();
      return parent == null ? absolute : of(parent).resolve(absolute.getFileName());
    }
  }
}
