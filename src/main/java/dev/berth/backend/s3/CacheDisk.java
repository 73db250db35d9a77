package dev.berth.backend.s3;

import dev.berth.host.Filesystem;
import dev.berth.host.HostException;
import dev.berth.host.MountTable;
import dev.berth.host.SparseFiles;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The filesystem with a client's cache and temporary files. It has a fixed size, so that whatever a
 * container writes takes no more of the host's disk than that: limits that clients are told do not
 * hold for files that are open or not sent yet. It lies in a sparse file beside its mountpoint, has
 * a journal, since files that are not sent yet have to survive a power loss, and is deleted with
 * the client unless there are such files.
 */
record CacheDisk(S3Tools tools, Path directory) {
  private static final Logger LOG = Logger.getLogger(CacheDisk.class);
  private static final Filesystem TYPE = Filesystem.EXT4;

  /** For the filesystem itself, and for what a client evicts only later. */
  private static final long HEADROOM = 64L << 20;

  private static final long SHARE = 4;

  /** Of what is free: where many clients run, each of them still can work. */
  private static final long LEAST_SHARE = 8;

  /** The loop device goes with the mount. */
  private static final List<String> OPTIONS =
      List.of("loop", "discard", "noatime", "nosuid", "nodev", "noexec");

  /** How a filesystem shows that it takes no more. */
  private static final Set<String> FAILED = Set.of("ro", "emergency_ro", "shutdown");

  private Path image() {
    return ClientDirectory.cacheImage(directory);
  }

  private Path mountpoint() {
    return directory.resolve("cache");
  }

  /** Whether it is mounted, and cannot be written any more. */
  boolean failed() {
    return MountTable.own()
        .at(mountpoint())
        .filter(entry -> entry.superOptions().stream().anyMatch(FAILED::contains))
        .isPresent();
  }

  private boolean mounted() {
    return MountTable.own().at(mountpoint()).isPresent();
  }

  /**
   * Makes and mounts it, with room for {@code wanted} bytes, but at most half of what the host's
   * disk has free beyond what others may still take, or a sixteenth of what it has free; one that
   * is there is mounted as it is. Mounted already: success; but one that has failed, and whose
   * client has ended, is unmounted and repaired first. A directory with files in it, as an earlier
   * Berth used, stays what it is.
   */
  void ensureMounted(ByteSize wanted) {
    while (failed()) {
      tools.mounts().unmount(mountpoint());
    }
    if (mounted()) {
      return;
    }
    if (Files.exists(image())) {
      repair();
    } else if (isEmpty(mountpoint())) {
      make(wanted);
    } else {
      return;
    }
    mount();
  }

  private void make(ByteSize wanted) {
    SparseFiles files = tools.files();
    Path part = SparseFiles.part(image());
    files.delete(image());
    // One after the other: each takes into account what the others may come to take.
    synchronized (CacheDisk.class) {
      files.create(part);
      files.resize(part, size(wanted));
    }
    tools
        .filesystems()
        .make(TYPE, part, UUID.randomUUID(), OptionalInt.empty(), OptionalInt.empty());
    files.publish(image());
    Progress.reached(S3Step.CACHE_MADE);
  }

  private long size(ByteSize wanted) {
    try {
      long free = Files.getFileStore(directory).getUsableSpace();
      long most = Math.max(free - promised(), free / LEAST_SHARE) / 2;
      long whole = wanted.bytes() + wanted.bytes() / SHARE + HEADROOM;
      return Math.max(TYPE.leastBytes(), Math.min(whole, most));
    } catch (IOException e) {
      throw new HostException.Io("cannot read how much is free in " + directory, e);
    }
  }

  /** What the other clients' filesystems may take of the host's disk beyond what they have. */
  private long promised() throws IOException {
    try (Stream<Path> volumes = Files.list(tools.stateDirectory())) {
      return tools
          .files()
          .unallocated(volumes.map(ClientDirectory::cacheImage).filter(Files::exists).toList());
    }
  }

  /** After a power loss. One that another mount namespace has mounted is not touched. */
  private void repair() {
    if (tools.devices().find(image()).isPresent()) {
      return;
    }
    try {
      tools.filesystems().check(TYPE, image());
    } catch (HostException.ToolFailed e) {
      LOG.warnf("%s: %s; what can be saved of it is saved", image(), e.getMessage());
      tools.filesystems().repair(image());
    }
  }

  private void mount() {
    makeDirectory(mountpoint());
    tools.mounts().mount(image(), "ext4", OPTIONS, mountpoint());
    Progress.reached(S3Step.CACHE_MOUNTED);
  }

  /** The temporary directory, on this filesystem if it is mounted. */
  void makeTemporary() {
    makeDirectory(mountpoint().resolve("tmp"));
  }

  /**
   * How many files of the volume are here only; what the client left is mounted to look. Cannot be
   * seen: one, so that it is kept.
   */
  int notUploaded(FuseClient client) {
    if (!client.writesBack()) {
      return 0;
    }
    try {
      if (Files.exists(image()) && !mounted()) {
        repair();
        mount();
      }
      return client.notUploaded(directory);
    } catch (HostException e) {
      LOG.warnf("%s is kept: what is in it cannot be seen: %s", image(), e.getMessage());
      return 1;
    }
  }

  /**
   * Unmounts it, and deletes it unless it is to be kept. Not there: success. In use: the host's
   * refusal, and it stays.
   */
  void release(boolean keep) {
    while (mounted()) {
      tools.mounts().unmount(mountpoint());
    }
    Progress.reached(S3Step.CACHE_UNMOUNTED);
    if (!keep) {
      tools.files().delete(image());
    }
  }

  private static boolean isEmpty(Path directory) {
    if (Files.notExists(directory)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + directory, e);
    }
  }

  private static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + directory, e);
    }
  }
}
