package dev.berth.backend.loop;

import dev.berth.host.HostException;
import dev.berth.host.SparseFiles;
import dev.berth.volume.Option;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Volumes whose file takes all of its space from the start, so that writing to them cannot fail
 * because something else filled the disk.
 */
final class Preallocation {
  static final Option<Boolean> PREALLOCATE = Option.flag("preallocate");

  private final SparseFiles files;

  Preallocation(SparseFiles files) {
    this.files = files;
  }

  static boolean of(Volume volume) {
    return volume.options().find(PREALLOCATE).orElse(false);
  }

  /**
   * Refuses, as {@link VolumeException.Failed}, what needs more than is free.
   *
   * @param more what {@code volume} is to take beyond what its file has
   */
  static void requireRoom(Volume volume, Path directory, long more) {
    try {
      FileStore store = Files.getFileStore(directory);
      long free = store.getUsableSpace();
      if (free < more) {
        throw new VolumeException.Failed(
            "volume %s: preallocate=true takes %d MiB at once, and %s has %d MiB free; make room there, or give another size"
                .formatted(volume.name(), more >> 20, directory, free >> 20));
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot read how much is free in " + directory, e);
    }
  }

  /** Gives the file what it lacks of its space. All there: success. */
  void fill(Path file, long size) {
    files.allocate(file, size);
  }
}
