package dev.berth.testing;

import dev.berth.backend.BackendTraits;
import dev.berth.backend.ContentJournal;
import dev.berth.backend.Existence;
import dev.berth.backend.Flushable;
import dev.berth.backend.Growable;
import dev.berth.backend.Observed;
import dev.berth.backend.Observed.Health;
import dev.berth.backend.Provisioned;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.Trimmable;
import dev.berth.backend.VolumeBackend;
import dev.berth.backend.VolumeLookup;
import dev.berth.backend.WriteBack;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Option;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A backend of volumes that are nothing but names, exclusive if not told otherwise. Like a block
 * backend it remembers what exists and what is mounted; unlike one it does as it is told: {@link
 * #failNext}.
 */
public final class FakeBackend
    implements VolumeBackend, Flushable, Growable, SnapshotStore, WriteBack, Existence, Trimmable {
  public static final BackendName NAME = new BackendName("fake");

  /** What can be made to fail. */
  public enum Verb {
    PROVISION,
    MOUNT,
    UNMOUNT,
    /** After the unmount. */
    DETACH,
    DEPROVISION,
    FLUSH,
    /** Whether a volume can have a size. */
    SIZE,
    ENLARGE,
    TRIM
  }

  /** Of a mounted volume, for {@link #trim}. */
  private static final int PIECES = 3;

  private final BackendTraits.Sharing sharing;
  private final Set<VolumeName> existing = ConcurrentHashMap.newKeySet();
  private final Set<VolumeName> mounted = ConcurrentHashMap.newKeySet();
  private final Map<Verb, Function<String, Throwable>> failing = new ConcurrentHashMap<>();
  private final Set<VolumeName> notWrittenBack = ConcurrentHashMap.newKeySet();
  private final List<VolumeName> flushed = new ArrayList<>();
  private final List<VolumeName> beingFlushed = new CopyOnWriteArrayList<>();
  private final Set<VolumeName> beingFrozen = ConcurrentHashMap.newKeySet();
  private final Set<VolumeName> frozen = ConcurrentHashMap.newKeySet();
  private final Map<VolumeName, Health> health = new ConcurrentHashMap<>();
  private final List<String> trimmed = new CopyOnWriteArrayList<>();
  private volatile String number = "0:0";
  private volatile CountDownLatch flushing = new CountDownLatch(0);
  private volatile CountDownLatch provisioning = new CountDownLatch(0);
  private final AtomicInteger beingProvisioned = new AtomicInteger();
  private volatile Optional<Adoption> adoption = Optional.empty();
  private volatile Optional<ByteSize> actual = Optional.empty();
  private volatile Optional<String> warning = Optional.empty();

  public FakeBackend() {
    this(BackendTraits.Sharing.EXCLUSIVE);
  }

  public FakeBackend(BackendTraits.Sharing sharing) {
    this.sharing = sharing;
  }

  /** What all volumes are, and who waits for whom to have got so far. */
  private record Adoption(BackendRef ref, CountDownLatch everybody) {}

  /** The next run of {@code verb} changes nothing and is {@link VolumeException.Failed}. */
  public void failNext(Verb verb) {
    failing.put(verb, VolumeException.Failed::new);
  }

  /** As {@link #failNext}, but it is what {@code failure} makes of a text. */
  public void failNext(Verb verb, Function<String, VolumeException> failure) {
    failing.put(verb, failure::apply);
  }

  /** What is made of volumes is made, from now on, at {@code end}. */
  public void provisionUntil(CountDownLatch end) {
    provisioning = end;
  }

  /** How many volumes are being made. */
  public int runningProvisions() {
    return beingProvisioned.get();
  }

  /** As {@link #failNext}, but it is an {@link Error}. */
  public void breakNext(Verb verb) {
    failing.put(verb, StackOverflowError::new);
  }

  /** As {@link #failNext}, but it is {@link VolumeException.UnknownOutcome}. */
  public void loseNext(Verb verb) {
    failing.put(
        verb,
        text -> new VolumeException.UnknownOutcome(text, new IllegalStateException("no answer")));
  }

  /** The next mount says that of the volume, and succeeds. */
  public void warnNext(String message) {
    warning = Optional.of(message);
  }

  /** Flushes take, from now on, until {@code end}; what is being flushed cannot be unmounted. */
  public void flushUntil(CountDownLatch end) {
    flushing = end;
  }

  public long runningFlushes(VolumeName name) {
    return beingFlushed.stream().filter(name::equals).count();
  }

  /** So many volumes are provisioned at once from now on, and all of them are the one thing. */
  public void adopt(String ref, int volumes) {
    adoption = Optional.of(new Adoption(new BackendRef(ref), new CountDownLatch(volumes)));
  }

  /**
   * What was written to the volume is on this host only, from its next unmount to its next mount.
   */
  public void writeNothingBack(VolumeName name) {
    notWrittenBack.add(name);
  }

  /** The filesystem of a mounted volume is so until it is unmounted. */
  public void become(VolumeName name, Health now) {
    health.put(name, now);
  }

  /** All volumes are on the filesystem of this number, as mountinfo has it, from now on. */
  public void beOn(String deviceNumber) {
    number = deviceNumber;
  }

  /** Fails unless every ordered failure has happened. */
  public void assertAllFailed() {
    if (!failing.isEmpty()) {
      throw new AssertionError("did not come to fail: " + failing.keySet());
    }
  }

  /** A process that died had begun to freeze the volume, and the kernel is still at it. */
  public void beginFreeze(VolumeName name) {
    beingFrozen.add(name);
  }

  /** The volume is frozen, until somebody thaws it. */
  public void completeFreeze(VolumeName name) {
    frozen.add(name);
    beingFrozen.remove(name);
  }

  public boolean isFrozen(VolumeName name) {
    return frozen.contains(name);
  }

  @Override
  public boolean exists(Volume volume) {
    return exists(volume.name());
  }

  public boolean exists(VolumeName name) {
    return existing.contains(name);
  }

  public boolean isMounted(VolumeName name) {
    return mounted.contains(name);
  }

  /** The volumes that were flushed, in that order, once for each time. */
  public synchronized List<VolumeName> flushed() {
    return List.copyOf(flushed);
  }

  /** All mounts are gone, as after a boot. */
  public void boot() {
    mounted.clear();
  }

  private void failIfOrdered(Verb verb, Volume volume) {
    Function<String, Throwable> failure = failing.remove(verb);
    if (failure != null) {
      switch (failure.apply("%s of %s was to fail".formatted(verb, volume.name()))) {
        case Error error -> throw error;
        case RuntimeException known -> throw known;
        case Throwable other -> throw new AssertionError(other);
      }
    }
  }

  @Override
  public BackendTraits traits() {
    List<Option<?>> options = new ArrayList<>(CommonOptions.ALL);
    options.add(CommonOptions.SIZE);
    return new BackendTraits(NAME, sharing, new OptionSchema(options));
  }

  @Override
  public VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes) {
    return options;
  }

  @Override
  public Provisioned provision(Volume volume, VolumeLookup volumes) {
    beingProvisioned.incrementAndGet();
    try {
      Async.await(provisioning);
    } finally {
      beingProvisioned.decrementAndGet();
    }
    failIfOrdered(Verb.PROVISION, volume);
    existing.add(volume.name());
    if (adoption.isPresent()) {
      adoption.get().everybody().countDown();
      Async.await(adoption.get().everybody());
      return new Provisioned(adoption.get().ref(), new Content.Foreign(ByteSize.ofGiB(1)));
    }
    Content content =
        actual
            .<Content>map(size -> new Content.Formatted(FilesystemType.EXT4, size))
            .orElseGet(Content.Unmanaged::new);
    return new Provisioned(new BackendRef(volume.name().value()), content);
  }

  @Override
  public Path mountpoint(Volume volume) {
    return Path.of("/fake", volume.name().value());
  }

  @Override
  public Path mount(Volume volume, ContentJournal journal) {
    failIfOrdered(Verb.MOUNT, volume);
    if (!exists(volume.name())) {
      throw new VolumeException.Failed("there is no " + volume.name());
    }
    if (health.get(volume.name()) instanceof Health.Failed failed) {
      throw new VolumeException.Failed("the backend says: " + failed.why());
    }
    mounted.add(volume.name());
    warning.ifPresent(message -> journal.warn(volume, message));
    warning = Optional.empty();
    notWrittenBack.remove(volume.name());
    return mountpoint(volume);
  }

  @Override
  public void unmount(Volume volume) {
    failIfOrdered(Verb.UNMOUNT, volume);
    if (beingFlushed.contains(volume.name())) {
      throw new VolumeException.InUse(volume.name() + ": target is busy");
    }
    mounted.remove(volume.name());
    health.remove(volume.name());
    failIfOrdered(Verb.DETACH, volume);
  }

  @Override
  public void requireWrittenBack(Volume volume) {
    if (notWrittenBack.contains(volume.name())) {
      throw new VolumeException.InUse("not all of volume " + volume.name() + " is written back");
    }
  }

  @Override
  public int discardUnwritten(Volume volume) {
    unmount(volume);
    return notWrittenBack.remove(volume.name()) ? 1 : 0;
  }

  @Override
  public void deprovision(Volume volume) {
    failIfOrdered(Verb.DEPROVISION, volume);
    if (isMounted(volume.name())) {
      throw new VolumeException.InUse(volume.name() + " is mounted");
    }
    existing.remove(volume.name());
  }

  /** A device that no process of this host can have mounted. */
  @Override
  public Observed observe(Volume volume) {
    return isMounted(volume.name())
        ? new Observed.Mounted(
            Optional.of(Path.of("/dev/fake")),
            number,
            mountpoint(volume),
            health.getOrDefault(volume.name(), new Health.Sound()))
        : new Observed.Detached();
  }

  @Override
  public void flush(Volume volume) {
    CountDownLatch end = flushing;
    beingFlushed.add(volume.name());
    try {
      Async.await(end);
      failIfOrdered(Verb.FLUSH, volume);
    } finally {
      beingFlushed.remove(volume.name());
    }
    synchronized (this) {
      flushed.add(volume.name());
    }
  }

  @Override
  public boolean trim(Volume volume, int piece) {
    failIfOrdered(Verb.TRIM, volume);
    trimmed.add(volume.name() + " " + piece);
    return piece < PIECES - 1;
  }

  /** Every piece that was trimmed, in order. */
  public List<String> trimmed() {
    return List.copyOf(trimmed);
  }

  @Override
  public ByteSize sizeFor(Volume volume, ByteSize wanted) {
    failIfOrdered(Verb.SIZE, volume);
    return wanted;
  }

  /** What is made is of that size, whatever the options say, and holds data. */
  public void be(ByteSize size) {
    actual = Optional.of(size);
  }

  @Override
  public Optional<ByteSize> presentSize(Volume volume) {
    return actual;
  }

  @Override
  public void enlarge(Volume volume) {
    failIfOrdered(Verb.ENLARGE, volume);
  }

  @Override
  public Volume follow(Volume volume, ContentJournal journal) {
    return volume;
  }

  @Override
  public Snapshot takeSnapshot(Volume volume) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Snapshot takeLastSnapshot(Volume volume) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Snapshot> snapshots() {
    return List.of();
  }

  @Override
  public void deleteSnapshot(String id) {}

  @Override
  public void discardUnfinished() {}

  @Override
  public void abandonCopies() {}

  @Override
  public void thaw(Volume volume) {
    if (beingFrozen.contains(volume.name())) {
      throw new VolumeException.Busy("volume " + volume.name() + " is still being frozen");
    }
    frozen.remove(volume.name());
  }
}
