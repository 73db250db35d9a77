package dev.berth.host;

import dev.berth.host.Libc.OpenPlace;
import dev.berth.host.MountNamespaces.Namespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Puts one FUSE filesystem in the place of another in every mount namespace, those of running
 * containers included; they need not be restarted. Whether a place is read-only and its like, and
 * which directory of the filesystem is there, stays as it was. Files that are open stay files of
 * the old filesystem. Needs Linux 5.12, and from 6.5 on there is no moment in which a place is
 * bare.
 *
 * <p>Containers can rename, link and delete what lies on the way to their mounts and in the volume
 * itself, at any moment. So nothing they can change is used as it is named:
 *
 * <ul>
 *   <li>A place is opened once, without following a link, and is used by that descriptor only. Its
 *       mount has to be, by its id, one of the old filesystem in a table that was read after it was
 *       opened; what is to be there is taken from that entry.
 *   <li>The old filesystem is kept mounted by a descriptor of its own meanwhile, so that its number
 *       is nobody else's; where that cannot be, the source name that its client was given has to be
 *       there as well, in a namespace in which only root can have given it.
 *   <li>A directory of the volume is opened beneath the root of the new filesystem, without
 *       following a link or crossing into another mount, and its filesystem has to be the new one.
 * </ul>
 *
 * What the kernel refuses is reported, and not tried in another way.
 */
public final class MountReplacer {
  private static final Logger LOG = Logger.getLogger(MountReplacer.class);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Namespaces that are made while the others are looked through are found by the next pass. */
  private static final int MAX_PASSES = 5;

  private static final int O_CLOEXEC = 0x80000;

  /** To be used as a place, which opens nothing. */
  private static final long PLACE = 0x200000 | O_CLOEXEC;

  private static final long RESOLVE_NO_XDEV = 1;
  private static final long RESOLVE_NO_LINKS = 2 | 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int FROM_AND_TO_DESCRIPTOR = 4 | 0x40;
  private static final int MOVE_MOUNT_BENEATH = 0x200;
  private static final int EINVAL = 22;
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

  private static final int MAX_AT_ONCE = 16;

  private final MountNamespaces namespaces;
  private final boolean beneath;

  /**
   * Of filesystems that are left somewhere: kept mounted, so that nobody else gets their numbers.
   */
  private final Map<FuseFilesystem, Descriptor> pins = new ConcurrentHashMap<>();

  /** By the process whose namespace it is. */
  private final Map<Path, NamespaceThread> hanging = new ConcurrentHashMap<>();

  public MountReplacer() {
    this(new MountNamespaces(), canMountBeneath());
  }

  /**
   * @param beneath whether the kernel can mount beneath a mount: then that can be taken away
   *     without a bare moment
   */
  MountReplacer(MountNamespaces namespaces, boolean beneath) {
    this.namespaces = namespaces;
    this.beneath = beneath;
  }

  /** A kernel that does not know the flag says so before it looks at the descriptors. */
  static boolean canMountBeneath() {
    return Libc.moveMount(-1, -1, FROM_AND_TO_DESCRIPTOR | MOVE_MOUNT_BENEATH) != -EINVAL;
  }

  /**
   * What was done.
   *
   * @param replaced how many mounts
   * @param refused one text for each that could not be
   */
  public record Result(int replaced, List<String> refused) {
    private static final Result NONE = new Result(0, List.of());

    public Result {
      refused = List.copyOf(refused);
    }

    private Result and(Result other) {
      List<String> all = new ArrayList<>(refused);
      all.addAll(other.refused);
      return new Result(replaced + other.replaced, all);
    }
  }

  /**
   * What takes the place of what.
   *
   * @param root of the new filesystem
   * @param pinned whether the old one is known to be mounted until this is done
   */
  private record Change(FuseFilesystem old, boolean pinned, FuseFilesystem next, Descriptor root) {
    boolean concerns(Namespace namespace) {
      return namespace.mounts().entries().stream().anyMatch(old::isMountedAs);
    }

    ReplacementPlan plan(NamespaceThread there, MountTable mounts) {
      return ReplacementPlan.of(mounts, old, pinned, there.isMadeByRoot());
    }
  }

  /**
   * Replaces all mounts of {@code old} by {@code next}. None: success. A namespace in which a
   * filesystem does not answer is refused, after 20 seconds the first time; the others do not wait
   * for it.
   *
   * <p>Where some were refused, {@code old} is kept mounted for the next try, as long as this
   * process lives or {@link #forget} is called.
   *
   * @param place where {@code old} may still be mounted in this namespace
   * @param replacement where {@code next} is mounted in this namespace, and stays; anything else is
   *     there: {@link HostException.Unexpected}
   */
  public Result replace(FuseFilesystem old, Path place, FuseFilesystem next, Path replacement) {
    try (NamespaceThread home = NamespaceThread.own(LIMIT)) {
      boolean pinned = home.call(() -> pin(home, old, place));
      Descriptor root = home.call(() -> home.keep(openRoot(home, next, replacement)));
      Change change = new Change(old, pinned, next, root);
      int replaced = 0;
      for (int pass = 1; ; pass++) {
        Result result = replaceAll(change);
        replaced += result.replaced();
        if (result.replaced() == 0 || pass == MAX_PASSES) {
          if (result.refused().isEmpty()) {
            forget(old);
          }
          return new Result(replaced, result.refused());
        }
      }
    }
  }

  /** Nobody tries again: {@code old} may go. */
  public void forget(FuseFilesystem old) {
    Optional.ofNullable(pins.remove(old)).ifPresent(Descriptor::close);
  }

  /** This namespace first: whoever copies it from then on gets the new filesystem. */
  private Result replaceAll(Change change) {
    Result own =
        Stream.of(namespaces.own())
            .filter(change::concerns)
            .map(namespace -> replaceIn(namespace, change))
            .reduce(Result.NONE, Result::and);
    List<Namespace> affected;
    try {
      affected =
          namespaces.all().stream()
              .filter(namespace -> !namespace.ours())
              .filter(change::concerns)
              .toList();
    } catch (HostException e) {
      return own.and(new Result(0, List.of("others cannot be looked through: " + e.getMessage())));
    }
    try (ExecutorService workers =
        Executors.newFixedThreadPool(MAX_AT_ONCE, Thread.ofVirtual().factory())) {
      List<CompletableFuture<Result>> others =
          affected.stream()
              .map(
                  namespace ->
                      CompletableFuture.supplyAsync(() -> replaceIn(namespace, change), workers))
              .toList();
      return others.stream().map(CompletableFuture::join).reduce(own, Result::and);
    }
  }

  /** Keeps {@code old} mounted until all of its mounts are replaced, if it is at {@code place}. */
  private boolean pin(NamespaceThread home, FuseFilesystem old, Path place) {
    if (pins.containsKey(old)) {
      return true;
    }
    long opened =
        Libc.openat2(Libc.AT_FDCWD, MountPoint.of(place).bytes(), PLACE, RESOLVE_NO_LINKS);
    if (opened < 0) {
      return false;
    }
    Descriptor there = new Descriptor(opened);
    if (home.mounts().find(Libc.statx(opened).mount()).filter(old::isMountedAs).isEmpty()) {
      there.close();
      return false;
    }
    pins.put(old, there);
    return true;
  }

  private static Descriptor openRoot(NamespaceThread home, FuseFilesystem next, Path replacement) {
    Descriptor root =
        Descriptor.of(
            "open " + replacement,
            Libc.openat2(
                Libc.AT_FDCWD, MountPoint.of(replacement).bytes(), PLACE, RESOLVE_NO_LINKS));
    OpenPlace there = Libc.statx(root.number());
    if (!there.isRoot() || home.mounts().find(there.mount()).filter(next::isMountedAs).isEmpty()) {
      root.close();
      throw new HostException.Unexpected(
          "the filesystem %s is not what is mounted at %s".formatted(next, replacement));
    }
    return root;
  }

  private Result replaceIn(Namespace namespace, Change change) {
    hanging.values().removeIf(thread -> !thread.hangs());
    if (hanging.containsKey(namespace.process())) {
      return new Result(0, List.of(at(namespace) + NamespaceThread.NO_ANSWER));
    }
    try (NamespaceThread home = NamespaceThread.own(LIMIT);
        NamespaceThread there = NamespaceThread.in(namespace, LIMIT)) {
      Result result = replaceIn(namespace, change, home, there);
      if (there.hangs()) {
        hanging.put(namespace.process(), there);
      }
      return result;
    } catch (HostException e) {
      LOG.debugf(e, "mounts of %s", namespace.process());
      return new Result(0, List.of(at(namespace) + e.getMessage()));
    }
  }

  private Result replaceIn(
      Namespace namespace, Change change, NamespaceThread home, NamespaceThread there) {
    List<Target> targets = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (MountEntry place : change.plan(there, there.mounts()).places()) {
      try {
        targets.add(there.call(() -> open(there, place)));
      } catch (HostException e) {
        refused.add(place.mountpoint() + ": " + e.getMessage());
      }
    }
    MountTable mounts = there.mounts();
    ReplacementPlan plan = change.plan(there, mounts);
    refused.addAll(plan.refused());
    int replaced = 0;
    for (Target target : targets) {
      try {
        MountEntry entry = target.provenBy(mounts, plan);
        Descriptor tree =
            there.keep(home.call(() -> copy(change.root(), entry.root(), change.next())));
        there.run(() -> put(tree, target, entry));
        replaced++;
      } catch (HostException e) {
        refused.add(target.path() + ": " + e.getMessage());
      }
    }
    return new Result(replaced, refused.stream().map(text -> at(namespace) + text).toList());
  }

  /**
   * A place, opened.
   *
   * @param root of the mount there
   * @param parent the directory that it is in, of what it is mounted on
   */
  private record Target(MountPoint path, Descriptor root, Descriptor parent) {
    /** The mount that was really opened, if it is one of the old filesystem. */
    MountEntry provenBy(MountTable mounts, ReplacementPlan plan) {
      OpenPlace here = Libc.statx(root.number());
      Optional<MountEntry> entry =
          mounts.find(here.mount()).filter(found -> here.isRoot() && plan.places().contains(found));
      return entry.orElseThrow(
          () -> new HostException.Unexpected("something else was put there meanwhile"));
    }

    String name() {
      return path.bytes().substring(path.bytes().lastIndexOf('/') + 1);
    }
  }

  private static Target open(NamespaceThread there, MountEntry place) {
    String path = place.mountpoint().bytes();
    String parent = path.substring(0, Math.max(1, path.lastIndexOf('/')));
    return new Target(
        place.mountpoint(),
        there.keep(open("open", Libc.AT_FDCWD, path, RESOLVE_NO_LINKS)),
        there.keep(open("open its parent", Libc.AT_FDCWD, parent, RESOLVE_NO_LINKS)));
  }

  private static Descriptor open(String call, long directory, String path, long resolve) {
    return Descriptor.of(call, Libc.openat2(directory, path, PLACE, resolve));
  }

  /** A copy of the mount of the new filesystem, with the directory or file {@code root} of it. */
  private static Descriptor copy(Descriptor top, String root, FuseFilesystem next) {
    if (root.equals("/")) {
      return Descriptor.of("open_tree", Libc.openTree(top.number(), OPEN_TREE_CLONE | O_CLOEXEC));
    }
    try (Descriptor part =
        open(
            "open the volume's " + new MountPoint(root),
            top.number(),
            root.substring(1),
            RESOLVE_BENEATH | RESOLVE_NO_LINKS | RESOLVE_NO_XDEV)) {
      if (!Libc.statx(part.number()).device().equals(next.device())) {
        throw new HostException.Unexpected("it leads out of the volume");
      }
      return Descriptor.of("open_tree", Libc.openTree(part.number(), OPEN_TREE_CLONE | O_CLOEXEC));
    }
  }

  private void put(Descriptor tree, Target target, MountEntry entry) {
    long propagation = entry.propagation().any() ? MS_SLAVE : MS_PRIVATE;
    Descriptor.check(
        "mount_setattr",
        Libc.mountSetattr(
            tree.number(), AT_EMPTY_PATH, attributes(entry), CHANGING_ATTRIBUTES, propagation));
    if (beneath) {
      move(tree, target.root(), MOVE_MOUNT_BENEATH);
      NamespaceThread.unmount(target.root());
    } else {
      putBare(tree, target, entry);
    }
  }

  /** The place is looked for again where it was, in the same directory of the same mount. */
  private static void putBare(Descriptor tree, Target target, MountEntry entry) {
    if (Libc.statx(target.parent().number()).mount() != entry.parent()) {
      throw new HostException.Unexpected("something else was put around it meanwhile");
    }
    NamespaceThread.unmount(target.root());
    try (Descriptor bare =
        open(
            "open what it was mounted on",
            target.parent().number(),
            target.name(),
            RESOLVE_BENEATH | RESOLVE_NO_LINKS | RESOLVE_NO_XDEV)) {
      move(tree, bare, 0);
    }
  }

  private static void move(Descriptor tree, Descriptor target, int how) {
    Descriptor.check(
        "move_mount", Libc.moveMount(tree.number(), target.number(), FROM_AND_TO_DESCRIPTOR | how));
  }

  private static long attributes(MountEntry place) {
    long attributes =
        place.options().stream().mapToLong(option -> ATTRIBUTES.getOrDefault(option, 0L)).sum();
    boolean strict = !place.options().contains("noatime") && !place.options().contains("relatime");
    return strict ? attributes | STRICT_ATIME : attributes;
  }

  private static String at(Namespace namespace) {
    return "process %s, ".formatted(namespace.process().getFileName());
  }
}
