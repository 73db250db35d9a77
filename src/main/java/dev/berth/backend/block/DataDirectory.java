package dev.berth.backend.block;

import dev.berth.host.HostException;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Progress;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
   * user may have changed it. On a read-only filesystem it has to be there. Anything else of its
   * name is refused: a symbolic link would lead containers to a directory of this host.
   */
  static void ensure(Path filesystemRoot, boolean readOnly, VolumeOptions options) {
    Path directory = filesystemRoot.resolve(NAME);
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    refuseOther(directory);
    if (readOnly) {
      throw new HostException.Unexpected(
          "its filesystem has no directory %s, which is what containers get, and the mount option ro keeps Berth from making it. Create the volume without ro, or make the directory by hand"
              .formatted(NAME));
    }
    make(filesystemRoot, directory, options);
  }

  private static void refuseOther(Path path) {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new HostException.Unexpected(
          "%s of its filesystem is %s, not a directory, and containers would get it. Mount the filesystem by hand and move that away"
              .formatted(
                  path.getFileName(),
                  Files.isSymbolicLink(path) ? "a symbolic link" : "something else"));
    }
  }

  private static void make(Path filesystemRoot, Path directory, VolumeOptions options) {
    Path part = filesystemRoot.resolve(PART);
    try {
      refuseOther(part);
      if (!Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
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

  /** The JDK hands the 32 bits of an int to chown(2), which has no sign. */
  private static void own(Path path, String attribute, Optional<Long> id) throws IOException {
    if (id.isPresent()) {
      Files.setAttribute(path, attribute, id.get().intValue());
    }
  }
}
