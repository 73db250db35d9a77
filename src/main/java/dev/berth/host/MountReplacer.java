package dev.berth.host;

import dev.berth.host.MountNamespaces.Namespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Puts one filesystem in the place of another in every mount namespace, those of running containers
 * included; they need not be restarted. Whether a place is read-only and its like, and which
 * directory of the filesystem is there, stays as it was. Files that are open stay files of the old
 * filesystem. Needs Linux 5.12, and from 6.5 on there is no moment in which a place is bare.
 */
public final class MountReplacer {
  private static final Logger LOG = Logger.getLogger(MountReplacer.class);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int FROM_EMPTY_PATH = 4;
  private static final int BENEATH = 0x200;
  private static final int DETACH_NO_FOLLOW = 2 | 8;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_SLAVE = 1 << 19;

  private static final long CHANGING_ATTRIBUTES = 0xff;
  private static final Map<String, Long> ATTRIBUTES =
      Map.of(
          "ro", 1L,
          "nosuid", 2L,
          "nodev", 4L,
          "noexec", 8L,
          "noatime", 0x10L,
          "nodiratime", 0x80L,
          "nosymfollow", 0x200000L);
  private static final long STRICT_ATIME = 0x20;
  private static final int ECONNABORTED = 103;
  private static final int ENOTCONN = 107;

  private final MountNamespaces namespaces = new MountNamespaces();

  /**
   * What was done.
   *
   * @param replaced how many mounts
   * @param passedOver how many were not, since they live and the filesystem is not pinned
   * @param refused one text for each that could not be
   */
  public record Result(int replaced, int passedOver, List<String> refused) {
    /** Whether there may be mounts left that are to be replaced once they can be. */
    public boolean complete() {
      return passedOver == 0 && refused.isEmpty();
    }
  }

  /** Thrown for one mount. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  /**
   * Replaces all mounts of the FUSE filesystem {@code old} by the one mounted at {@code
   * replacement} in this namespace, which stays there. None: success. May block 20 seconds if the
   * new filesystem does not answer.
   *
   * <p>The kernel gives the number of a filesystem that is gone to another one. Unless {@code
   * pinned}, which says that {@code old} is mounted where the caller put it, only mounts that are
   * dead, with no process behind them, are replaced.
   */
  public Result replace(DeviceNumber old, boolean pinned, Path replacement) {
    int replaced = 0;
    int passedOver = 0;
    List<String> refused = new ArrayList<>();
    for (Namespace namespace : namespaces.all()) {
      List<MountEntry> places =
          namespace.mounts().entries().stream()
              .filter(entry -> entry.device().equals(old) && entry.type().startsWith("fuse"))
              .toList();
      if (!places.isEmpty()) {
        Result result = onThreadOfItsOwn(namespace, places, pinned, replacement);
        replaced += result.replaced();
        passedOver += result.passedOver();
        refused.addAll(result.refused());
      }
    }
    return new Result(replaced, passedOver, refused);
  }

  private static Result onThreadOfItsOwn(
      Namespace namespace, List<MountEntry> places, boolean pinned, Path replacement) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    // The thread goes into the other namespace and never comes back.
    Thread.ofPlatform()
        .daemon()
        .name("replace mounts of " + namespace.process().getFileName())
        .start(
            () -> {
              try {
                result.complete(replaceIn(namespace, places, pinned, replacement));
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Result(0, 0, List.of(at(namespace, places.getFirst()) + "it takes too long"));
    } catch (ExecutionException e) {
      LOG.warnf(e, "mounts of %s could not be replaced", namespace.process());
      return new Result(0, 0, List.of(at(namespace, places.getFirst()) + e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while replacing mounts", e);
    }
  }

  private static Result replaceIn(
      Namespace namespace, List<MountEntry> places, boolean pinned, Path replacement) {
    List<String> refused = new ArrayList<>();
    List<Long> trees = new ArrayList<>();
    int replaced = 0;
    int passedOver = 0;
    try {
      for (MountEntry place : places) {
        trees.add(Libc.openTree(replacement + place.root(), OPEN_TREE_CLONE | O_CLOEXEC));
      }
      if (!namespace.ours()) {
        enter(namespace);
      }
      for (int i = 0; i < places.size(); i++) {
        try {
          if (pinned || isDead(places.get(i))) {
            replace(namespace, places.get(i), trees.get(i));
            replaced++;
          } else {
            passedOver++;
          }
        } catch (Refusal e) {
          refused.add(at(namespace, places.get(i)) + e.getMessage());
        }
      }
    } catch (Refusal e) {
      refused.add(at(namespace, places.getFirst()) + e.getMessage());
    } finally {
      trees.stream().filter(tree -> tree >= 0).forEach(Libc::close);
    }
    return new Result(replaced, passedOver, refused);
  }

  private static void enter(Namespace namespace) throws Refusal {
    long fd = check("open", Libc.open(namespace.process().resolve("ns/mnt").toString(), O_CLOEXEC));
    try {
      check("unshare", Libc.unshare(CLONE_FS));
      check("setns", Libc.setns(fd, CLONE_NEWNS));
    } finally {
      Libc.close(fd);
    }
  }

  private static void replace(Namespace namespace, MountEntry place, long tree) throws Refusal {
    check("open_tree", tree);
    if (namespace.mounts().isMountedOn(place)) {
      throw new Refusal("another mount is on it or in it");
    }
    long propagation = place.propagation().any() ? MS_SLAVE : MS_PRIVATE;
    check(
        "mount_setattr",
        Libc.mountSetattr(
            tree, AT_EMPTY_PATH, attributes(place), CHANGING_ATTRIBUTES, propagation));
    String path = place.mountpoint().bytes();
    if (Libc.moveMount(tree, path, FROM_EMPTY_PATH | BENEATH) == 0) {
      check("umount", Libc.umount(path, DETACH_NO_FOLLOW));
      return;
    }
    check("umount", Libc.umount(path, DETACH_NO_FOLLOW));
    check("move_mount", Libc.moveMount(tree, path, FROM_EMPTY_PATH));
  }

  private static boolean isDead(MountEntry place) {
    long answer = -Libc.statvfs(place.mountpoint().bytes());
    return answer == ENOTCONN || answer == ECONNABORTED;
  }

  private static long attributes(MountEntry place) {
    long attributes =
        place.options().stream().mapToLong(option -> ATTRIBUTES.getOrDefault(option, 0L)).sum();
    boolean strict = !place.options().contains("noatime") && !place.options().contains("relatime");
    return strict ? attributes | STRICT_ATIME : attributes;
  }

  private static long check(String call, long result) throws Refusal {
    if (result < 0) {
      throw new Refusal("%s: %s".formatted(call, Libc.message(result)));
    }
    return result;
  }

  private static String at(Namespace namespace, MountEntry place) {
    return "%s of process %s: ".formatted(place.mountpoint(), namespace.process().getFileName());
  }
}
