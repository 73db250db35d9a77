package dev.berth.backend.loop;

import dev.berth.host.SparseFiles;
import dev.berth.volume.Progress;
import java.nio.file.Path;
import java.time.Duration;

/** The files with the bytes of volumes and snapshots. */
final class ImageFiles {
  /**
   * A copy without reflink may be made of a mounted, frozen volume, whose writers wait that long.
   */
  private static final Duration COPY_LIMIT = Duration.ofSeconds(90);

  private ImageFiles() {}

  /**
   * Copies {@code source}; {@code target} appears complete and durable, or not at all.
   *
   * @param own whether it has to have blocks of its own, not shared ones
   */
  static void copy(SparseFiles files, Path source, Path target, boolean own) {
    files.copyToPart(source, target, own, COPY_LIMIT);
    Progress.reached(LoopStep.COPY_WRITTEN);
    files.publish(target);
    Progress.reached(LoopStep.COPY_PUBLISHED);
  }
}
