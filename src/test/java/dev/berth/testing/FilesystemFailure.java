package dev.berth.testing;

import java.nio.file.Path;

/** Ways in which a mounted filesystem fails by itself, brought about for real. */
public enum FilesystemFailure {
  /** {@code EXT4_IOC_SHUTDOWN}, which xfs has too, as {@code XFS_IOC_GOINGDOWN}: all is EIO. */
  SHUT_DOWN {
    @Override
    public void bringAbout(Path root) {
      Run.of(
              "python3",
              "-c",
              "import fcntl, os, struct, sys\n"
                  + "fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))",
              root.toString())
          .succeed();
    }
  },
  /** As after an error of the journal (ext4(5), abort). */
  ABORTED {
    @Override
    public void bringAbout(Path root) {
      Run.of("mount", "-o", "remount,abort", root.toString()).succeed();
      Run.of("touch", root.resolve("a-write-that-notices").toString()).run();
    }
  },
  /** What xfs and btrfs, and ext4 with errors=remount-ro, do. */
  READ_ONLY {
    @Override
    public void bringAbout(Path root) {
      Run.of("mount", "-o", "remount,ro", root.toString()).succeed();
    }
  };

  /** What is mounted at {@code root} fails from now on. */
  public abstract void bringAbout(Path root);
}
