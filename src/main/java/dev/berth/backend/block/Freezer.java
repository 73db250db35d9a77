package dev.berth.backend.block;

import dev.berth.host.Mounts;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Stops the writes to a mounted volume while it is copied. */
final class Freezer {
  private static final Logger LOG = Logger.getLogger(Freezer.class);
  private static final Duration FREEZE_LIMIT = Duration.ofMinutes(5);
  private static final int THAW_TRIES = 5;
  private static final long PAUSE_MILLIS = 100;

  private final Function<Volume, Optional<Path>> roots;
  private final Mounts mounts;
  private final Duration limit;

  /** What is frozen, or about to be, and by whom. */
  private final ConcurrentHashMap<Path, Thread> copying = new ConcurrentHashMap<>();

  /** What was being frozen when it was first asked for: by a process of an earlier run. */
  private @Nullable Set<Path> leftBehind;

  private volatile boolean ended;

  /** {@code roots} tells where a volume's filesystem is mounted, if it is. */
  Freezer(Function<Volume, Optional<Path>> roots, Mounts mounts) {
    this(roots, mounts, FREEZE_LIMIT);
  }

  /** {@code limit}: how long a freeze that failed half-way is waited for. */
  Freezer(Function<Volume, Optional<Path>> roots, Mounts mounts, Duration limit) {
    this.roots = roots;
    this.mounts = mounts;
    this.limit = limit;
  }

  /**
   * Runs {@code copy} with the volume frozen, if it is mounted, and thaws it whatever happens: a
   * freeze that failed half-way is waited for, at most five minutes.
   */
  <T> T whileFrozen(Volume volume, Supplier<T> copy) {
    Optional<Path> root = roots.apply(volume);
    if (root.isEmpty()) {
      return copy.get();
    }
    mounts.flush(root.get());
    return whileFrozen(volume, root.get(), copy);
  }

  private <T> T whileFrozen(Volume volume, Path root, Supplier<T> copy) {
    boolean frozen = false;
    copying.put(root, Thread.currentThread());
    try {
      refuseEnded(volume);
      mounts.freeze(root);
      frozen = true;
      Progress.reached(BlockStep.FROZEN);
      T copied = copy.get();
      Progress.reached(BlockStep.COPIED);
      return copied;
    } finally {
      try {
        if (!frozen) {
          awaitFreeze(volume, root);
        }
      } finally {
        thawSurely(volume, root);
        copying.remove(root);
        Progress.reached(BlockStep.THAWED);
      }
    }
  }

  private void refuseEnded(Volume volume) {
    if (ended) {
      throw new VolumeException.Busy(
          "volume %s: Berth is being stopped; try again when it runs".formatted(volume.name()));
    }
  }

  /**
   * Ends the copies that are being made and freezes nothing from now on. What is not thawed by its
   * own copy within {@code limit} is thawed all the same.
   */
  void end(Duration limit) {
    ended = true;
    copying.keySet().forEach(this::interrupt);
    long end = System.nanoTime() + limit.toNanos();
    while (!copying.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }
    copying.keySet().forEach(this::thawAnyway);
  }

  /** Only as long as the thread is at it: it may be another's afterwards. */
  private void interrupt(Path root) {
    copying.computeIfPresent(
        root,
        (frozen, thread) -> {
          LOG.warnf("the copy of what is mounted at %s is given up, because Berth stops", frozen);
          thread.interrupt();
          return thread;
        });
  }

  private void thawAnyway(Path root) {
    try {
      if (!mounts.thaw(root) && mounts.beingFrozen().contains(root)) {
        LOG.errorf("%s is still being frozen; 'fsfreeze -u %s' thaws it afterwards", root, root);
      }
    } catch (RuntimeException e) {
      LOG.errorf(
          e, "%s may be frozen and could not be thawed; 'fsfreeze -u %s' does it", root, root);
    }
  }

  /** Whoever interrupts a copy does not mean its volume to stay frozen. */
  private void awaitFreeze(Volume volume, Path root) {
    boolean interrupted = Thread.interrupted();
    if (mounts.beingFrozen().contains(root)) {
      LOG.warnf(
          "volume %s: it could not be frozen in time, and the kernel is still at it; its writers wait until the writes in flight are on the device, then it is thawed",
          volume.name());
    }
    long end = System.nanoTime() + limit.toNanos();
    while (mounts.beingFrozen().contains(root)) {
      if (System.nanoTime() > end) {
        throw new VolumeException.Failed(
            "volume %s: the kernel has been freezing it for %d minutes; its device does not answer. It is waited for no longer: 'fsfreeze -u %s' thaws it once the freeze is done"
                .formatted(volume.name(), limit.toMinutes(), root));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void thawSurely(Volume volume, Path root) {
    boolean interrupted = false;
    try {
      for (int tries = 1; ; tries++) {
        interrupted |= Thread.interrupted();
        try {
          mounts.thaw(root);
          return;
        } catch (RuntimeException e) {
          LOG.errorf(
              e,
              "volume %s is frozen and could not be thawed; 'fsfreeze -u %s' does it",
              volume.name(),
              root);
          if (tries == THAW_TRIES) {
            throw e;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** See {@link dev.berth.backend.SnapshotStore#thaw}. */
  void thaw(Volume volume) {
    Optional<Path> root = roots.apply(volume);
    if (root.isPresent() && thawedLeftBehind(volume, root.get())) {
      Progress.reached(BlockStep.THAWED);
      LOG.warnf(
          "volume %s: its filesystem was still frozen from an interrupted snapshot; it is thawed",
          volume.name());
    }
  }

  private boolean thawedLeftBehind(Volume volume, Path root) {
    boolean wasBeingFrozen = leftBehind().contains(root);
    if (mounts.thaw(root)) {
      return true;
    }
    if (!wasBeingFrozen) {
      return false;
    }
    if (mounts.beingFrozen().contains(root)) {
      throw new VolumeException.Busy(
          "volume %s: the kernel is still freezing it for an interrupted snapshot; it is thawed once the writes in flight are on the device"
              .formatted(volume.name()));
    }
    return mounts.thaw(root);
  }

  /** One look at all processes, however many volumes are looked after. */
  private synchronized Set<Path> leftBehind() {
    if (leftBehind == null) {
      leftBehind = mounts.beingFrozen();
    }
    return leftBehind;
  }
}
