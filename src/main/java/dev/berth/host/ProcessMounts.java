package dev.berth.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process, or one of its threads, shows of its mount namespace.
 *
 * @param directory the one in /proc
 */
record ProcessMounts(Path directory) {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int STATE = 0;
  private static final int FLAGS = 6;

  private static final String THREAD = "/proc/thread-self";
  private static final int CLOSE_ON_EXEC = 0x80000;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;

  /** PF_EXITING of the kernel: such a task has left its namespaces, or is about to. */
  private static final long EXITING = 4;

  /**
   * The name of the namespace, {@code mnt:[4026531841]}: of all that exist at the time no two have
   * the same. Empty if it is not shown: the process may have ended, or have a right that this one
   * lacks, without CAP_SYS_PTRACE. The kernel answers both with the same error.
   */
  Optional<Path> namespace() {
    try {
      return Optional.of(Files.readSymbolicLink(directory.resolve("ns/mnt")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The mounts of the namespace, which whoever may look into /proc may read; empty if the process,
   * or the thread, has ended. What cannot be read for any other reason is a {@link
   * HostException.Io}: that is not nobody.
   */
  Optional<MountTable> mounts() {
    try {
      return Optional.of(MountTable.read(directory.resolve("mountinfo")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (hasEnded()) {
        return Optional.empty();
      }
      throw unseen(e);
    }
  }

  /**
   * As {@link #mounts}, with those that are out of reach below the process's own root too: anybody
   * may change that, by chroot(2), and another process of the namespace reaches them. Needs the
   * right to enter the namespace, which whoever is shown its name has.
   */
  Optional<MountTable> allMounts() {
    try {
      return Files.readSymbolicLink(directory.resolve("root")).equals(Path.of("/"))
          ? mounts()
          : mountsFromInside();
    } catch (IOException e) {
      return mounts();
    }
  }

  /** A thread goes in, and is read from here: in there, anything may be at the path of a file. */
  private Optional<MountTable> mountsFromInside() {
    CompletableFuture<Optional<Path>> inside = new CompletableFuture<>();
    CountDownLatch read = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .name("in the mount namespace of " + directory.getFileName())
        .start(() -> stayInside(inside, read));
    try {
      Optional<Path> thread = inside.join();
      return thread.isPresent() ? new ProcessMounts(thread.get()).mounts() : mounts();
    } catch (CompletionException e) {
      throw e.getCause() instanceof HostException known ? known : e;
    } finally {
      read.countDown();
    }
  }

  /** Never comes back out. As little as possible is done in there, and no class loaded. */
  private void stayInside(CompletableFuture<Optional<Path>> inside, CountDownLatch read) {
    try {
      inside.complete(enter());
      read.await();
    } catch (InterruptedException | RuntimeException | Error e) {
      inside.completeExceptionally(e);
    }
  }

  /**
   * The directory in /proc of this thread, which is inside then; empty if the process has ended.
   */
  private Optional<Path> enter() {
    long namespace = Libc.open(directory.resolve("ns/mnt").toString(), CLOSE_ON_EXEC);
    if (namespace < 0) {
      return Optional.empty();
    }
    try {
      Optional<Path> thread =
          Optional.of(Path.of("/proc").resolve(Files.readSymbolicLink(Path.of(THREAD))));
      long result = Libc.unshare(CLONE_FS);
      if (result >= 0) {
        result = Libc.setns(namespace, CLONE_NEWNS);
      }
      if (result < 0) {
        throw unseen(new IOException(Libc.message(result)));
      }
      return thread;
    } catch (IOException e) {
      throw unseen(e);
    } finally {
      Libc.close(namespace);
    }
  }

  /** The threads of the process; none if it has ended. */
  List<ProcessMounts> threads() {
    try {
      return numbered(directory.resolve("task")).map(ProcessMounts::new).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException | UncheckedIOException e) {
      if (Files.notExists(directory)) {
        return List.of();
      }
      throw unseen(e);
    }
  }

  /** All processes that are shown in {@code proc}. */
  static List<ProcessMounts> all(Path proc) {
    try {
      return numbered(proc).map(ProcessMounts::new).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new HostException.Io("cannot list processes", e);
    }
  }

  private static Stream<Path> numbered(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .filter(child -> NUMBER.matcher(child.getFileName().toString()).matches())
          .toList()
          .stream();
    }
  }

  private HostException unseen(Exception cause) {
    return new HostException.Io(
        "cannot see what process %s has mounted; Berth needs root, CAP_SYS_PTRACE and a /proc without hidepid"
            .formatted(directory.getFileName()),
        cause);
  }

  private boolean hasEnded() {
    try {
      String line =
          new String(Files.readAllBytes(directory.resolve("stat")), StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      return fields[STATE].equals("Z")
          || fields[STATE].equals("X")
          || (Long.parseLong(fields[FLAGS]) & EXITING) != 0;
    } catch (IOException e) {
      return Files.notExists(directory);
    }
  }
}
