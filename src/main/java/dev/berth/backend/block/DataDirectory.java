package dev.berth.backend.block;

import dev.berth.host.HostException;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The directory of a filesystem that containers get: a subdirectory, so that {@code lost+found} is
 * hidden and Docker copies an image's files into it, which it does for an empty directory only.
 */
final class DataDirectory {
  static final String NAME = "_data";
  private static final String PART = "_data.part";
  private static final int DEFAULT_MODE = 0755;
  private static final int OCTAL = 8;

  private DataDirectory() {}

  /**
   * Makes it, with the owner and mode that the options give. One that is there keeps its own: the
   * user may have changed it.
   */
  static void ensure(Path filesystemRoot, VolumeOptions options) {
    Path directory = filesystemRoot.resolve(NAME);
    if (Files.isDirectory(directory)) {
      return;
    }
    Path part = filesystemRoot.resolve(PART);
    try {
      if (Files.notExists(part)) {
        Files.createDirectory(part);
      }
      own(part, "unix:uid", options.find(CommonOptions.UID));
      own(part, "unix:gid", options.find(CommonOptions.GID));
      int mode =
          options
              .find(CommonOptions.MODE)
              .map(text -> Integer.parseInt(text, OCTAL))
              .orElse(DEFAULT_MODE);
      Files.setAttribute(part, "unix:mode", mode);
      Progress.reached(BlockStep.DATA_DIRECTORY_PREPARED);
      Files.move(part, directory, StandardCopyOption.ATOMIC_MOVE);
      Progress.reached(BlockStep.DATA_DIRECTORY_MADE);
    } catch (IOException e) {
      throw new HostException.Io("cannot make " + directory, e);
    }
  }

  private static void own(Path path, String attribute, Optional<Integer> id) throws IOException {
    if (id.isPresent()) {
      Files.setAttribute(path, attribute, id.get());
    }
  }
}
