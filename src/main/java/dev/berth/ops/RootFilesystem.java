package dev.berth.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which filesystems Berth's root must not be on. */
final class RootFilesystem {
  private static final Set<String> WITHOUT_WHAT_VOLUMES_NEED =
      Set.of("vfat", "msdos", "exfat", "proc", "sysfs", "iso9660", "squashfs");

  /** SQLite's shared memory and its locks are not kept there, see sqlite.org/wal.html. */
  private static final Set<String> REMOTE =
      Set.of(
          "nfs",
          "nfs4",
          "cifs",
          "smb3",
          "smbfs",
          "ncpfs",
          "9p",
          "ceph",
          "afs",
          "coda",
          "lustre",
          "gpfs",
          "beegfs",
          "orangefs",
          "glusterfs",
          "fuse");

  private static final String BY_A_PROCESS = "fuse.";

  private RootFilesystem() {}

  /**
   * Why {@code root}, or where it would be made, cannot be used, and what to do; empty if it can.
   */
  static Optional<String> refusal(Path root) throws IOException {
    Path there = root.toAbsolutePath();
    while (Files.notExists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return refusal(root, Files.getFileStore(there).type());
  }

  static Optional<String> refusal(Path root, String type) {
    String name = type.toLowerCase(Locale.ROOT);
    if (WITHOUT_WHAT_VOLUMES_NEED.contains(name)) {
      return Optional.of(
          "%s is on %s, which cannot hold volumes; set berth.root to a directory on a disk of this host"
              .formatted(root, type));
    }
    return REMOTE.contains(name) || name.startsWith(BY_A_PROCESS)
        ? Optional.of(
            "%s is on %s, a network filesystem or one that a process serves: the ledger would be damaged there, and volumes are of one host. Set berth.root to a directory on a disk of this host"
                .formatted(root, type))
        : Optional.empty();
  }
}
