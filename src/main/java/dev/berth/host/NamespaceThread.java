package dev.berth.host;

import dev.berth.host.MountNamespaces.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A thread that stands in one mount namespace, so that what it opens and mounts is opened and
 * mounted there. It never comes back from there: it ends when this is closed. A call may hang on a
 * filesystem that does not answer, so each has a limit; after one that did not end in time nothing
 * more is begun. Paths mean there what the container made of them: calls are given descriptors, or
 * open without links, and load nothing of this program that is not in the jar that is open already.
 */
final class NamespaceThread implements AutoCloseable {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int O_PATH = 0x200000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int MNT_DETACH = 2;

  /** See ioctl_ns(2). */
  private static final long NS_GET_USERNS = 0xb701;

  /** Why no more is done. */
  static final String NO_ANSWER = "a filesystem there does not answer";

  private final ExecutorService thread;
  private final Duration limit;
  private final Path task;
  private final ConcurrentLinkedQueue<Descriptor> kept = new ConcurrentLinkedQueue<>();
  private final boolean madeByRoot;
  private volatile boolean late;

  private NamespaceThread(Optional<Path> process, Duration limit) {
    thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform()
                .daemon()
                .name("mounts of " + process.orElse(Path.of("self")))
                .factory());
    this.limit = limit;
    try {
      task =
          call(
              () -> Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self"))));
      madeByRoot = call(() -> enter(process));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** In this process's own namespace. */
  static NamespaceThread own(Duration limit) {
    return new NamespaceThread(Optional.empty(), limit);
  }

  /** In {@code namespace}; that of whoever has the process id by now, which its mounts tell. */
  static NamespaceThread in(Namespace namespace, Duration limit) {
    return new NamespaceThread(
        namespace.ours() ? Optional.empty() : Optional.of(namespace.process()), limit);
  }

  private boolean enter(Optional<Path> process) throws IOException {
    Descriptor descriptors =
        keep(Descriptor.of("open", Libc.open("/proc/self/fd", O_PATH | O_CLOEXEC)));
    boolean root = true;
    if (process.isPresent()) {
      String name = process.get().resolve("ns/mnt").toString();
      try (Descriptor namespace = Descriptor.of("open " + name, Libc.open(name, O_CLOEXEC))) {
        root = isOfOurUsers(namespace);
        Descriptor.check("unshare", Libc.unshare(CLONE_FS));
        Descriptor.check("setns", Libc.setns(namespace.number(), CLONE_NEWNS));
      }
    } else {
      Descriptor.check("unshare", Libc.unshare(CLONE_FS));
    }
    Descriptor.check("fchdir", Libc.fchdir(descriptors.number()));
    return root;
  }

  /** Whoever may mount in another user namespace can give a filesystem of his any name. */
  private static boolean isOfOurUsers(Descriptor namespace) throws IOException {
    try (Descriptor users =
        Descriptor.of(
            "NS_GET_USERNS", Libc.ioctl(namespace.number(), NS_GET_USERNS, new byte[0]))) {
      return Files.readSymbolicLink(Path.of("/proc/self/fd", "" + users.number()))
          .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/user")));
    }
  }

  /**
   * Whether the users of this host that may mount something there are root alone: else whoever made
   * the namespace can give a filesystem of his any name.
   */
  boolean isMadeByRoot() {
    return madeByRoot;
  }

  /** Runs {@code work} on the thread; what it throws is thrown. */
  <T> T call(Callable<T> work) {
    try {
      return thread.submit(work).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | RejectedExecutionException e) {
      late = true;
      close();
      throw new HostException.Unexpected(NO_ANSWER);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HostException refused) {
        throw refused;
      }
      throw new HostException.Io("it failed", e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted", e);
    }
  }

  void run(Runnable work) {
    var _ = call(Executors.callable(work));
  }

  /** What is mounted there now; the paths are those that the thread has to use. */
  MountTable mounts() {
    try {
      return MountTable.read(task.resolve("mountinfo"));
    } catch (IOException e) {
      throw new HostException.Io("cannot read the mount table", e);
    }
  }

  /**
   * To be closed when the thread is at its end, however late that is, and not before: a number that
   * is closed too early stands for another file soon.
   */
  Descriptor keep(Descriptor descriptor) {
    kept.add(descriptor);
    return descriptor;
  }

  /**
   * Takes away the mount that {@code root} is the root of, whoever uses it. To be called on the
   * thread: its directory is that of the descriptors, where a number leads to what it stands for
   * without a path.
   */
  static void unmount(Descriptor root) {
    Descriptor.check("umount", Libc.umount(Long.toString(root.number()), MNT_DETACH));
  }

  /** Whether a call did not end in time, and has not yet. */
  boolean hangs() {
    return late && !thread.isTerminated();
  }

  @Override
  public void close() {
    if (!thread.isShutdown()) {
      thread.execute(() -> kept.forEach(Descriptor::close));
      thread.shutdown();
    }
  }
}
