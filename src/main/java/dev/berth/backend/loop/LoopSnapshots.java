package dev.berth.backend.loop;

import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.host.HostException;
import dev.berth.host.SparseFiles;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Progress;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Copies of volume files, two files each: {@code snap-….img}, then {@code snap-….properties}, whose
 * appearance makes the snapshot exist. An image without the other file is one that is being made by
 * this process, or was left by one that died.
 */
final class LoopSnapshots implements BlockSnapshots {
  private static final Logger LOG = Logger.getLogger(LoopSnapshots.class);
  private static final String PREFIX = "snap-";
  private static final String FACTS = ".properties";
  private static final Pattern FILE =
      Pattern.compile("(snap-[0-9a-f]{16})\\.(img|img\\.part|properties\\.part)");

  private final Path volumes;
  private final Path directory;
  private final SparseFiles files;
  private final InstantSource clock;
  private final Set<String> unfinished = ConcurrentHashMap.newKeySet();

  /** Held while a snapshot is begun, and while an abandoned one is deleted. */
  private final ReentrantLock beginning = new ReentrantLock();

  LoopSnapshots(Path volumes, SparseFiles files, InstantSource clock) {
    this.volumes = volumes;
    this.directory = volumes.resolve("snapshots");
    this.files = files;
    this.clock = clock;
  }

  @Override
  public Snapshot take(Volume volume, Optional<FilesystemType> type) {
    return take(VolumeId.random(), volume, type);
  }

  @Override
  public Snapshot takeLast(Volume volume, Optional<FilesystemType> type) {
    return list().stream()
        .filter(snapshot -> snapshot.id().equals(PREFIX + volume.removal()))
        .findFirst()
        .orElseGet(() -> take(volume.removal(), volume, type));
  }

  private Snapshot take(VolumeId id, Volume volume, Optional<FilesystemType> type) {
    Snapshot snapshot =
        new Snapshot(
            PREFIX + id,
            volume.name(),
            volume.backend(),
            type,
            volume.options().require(CommonOptions.SIZE),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    begin(snapshot.id());
    try {
      Files.createDirectories(directory);
      ImageFiles.copy(
          files, volumes.resolve(volume.made().ref().value()), image(snapshot.id()), false);
      SnapshotFacts.write(SparseFiles.part(facts(snapshot.id())), snapshot);
      Progress.reached(LoopStep.SNAPSHOT_DESCRIBED);
      files.publish(facts(snapshot.id()));
      Progress.reached(LoopStep.SNAPSHOT_LISTED);
      return snapshot;
    } catch (IOException | RuntimeException e) {
      remove(snapshot.id());
      throw e instanceof RuntimeException known
          ? known
          : new HostException.Io("cannot write the snapshot " + snapshot.id(), e);
    } finally {
      unfinished.remove(snapshot.id());
    }
  }

  @Override
  public List<Snapshot> list() {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(directory)) {
      return found
          .filter(file -> file.getFileName().toString().endsWith(FACTS))
          .map(LoopSnapshots::read)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparing(Snapshot::createdAt).thenComparing(Snapshot::id))
          .toList();
    } catch (IOException e) {
      throw new HostException.Io("cannot list the snapshots in " + directory, e);
    }
  }

  @Override
  public Optional<Snapshot> find(String id) {
    return Files.exists(facts(id)) ? read(facts(id)) : Optional.empty();
  }

  @Override
  public void remove(String id) {
    files.delete(facts(id));
    Progress.reached(LoopStep.SNAPSHOT_UNLISTED);
    files.delete(image(id));
    Progress.reached(LoopStep.SNAPSHOT_DELETED);
  }

  @Override
  public void discardUnfinished() {
    if (Files.notExists(directory)) {
      return;
    }
    try (Stream<Path> found = Files.list(directory)) {
      found
          .map(file -> FILE.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> name.group(1))
          .distinct()
          .forEach(this::discardAbandoned);
    } catch (IOException e) {
      throw new HostException.Io("cannot look for unfinished snapshots in " + directory, e);
    }
  }

  private void begin(String id) {
    beginning.lock();
    try {
      unfinished.add(id);
    } finally {
      beginning.unlock();
    }
  }

  /** A last snapshot that was cut off may just be taken again under its id. */
  private void discardAbandoned(String id) {
    beginning.lock();
    try {
      if (!unfinished.contains(id) && Files.notExists(facts(id))) {
        LOG.infof("the snapshot %s was never finished; what there is of it is deleted", id);
        remove(id);
      }
    } finally {
      beginning.unlock();
    }
  }

  Path image(String id) {
    return directory.resolve(id + ".img");
  }

  private Path facts(String id) {
    return directory.resolve(id + FACTS);
  }

  private static Optional<Snapshot> read(Path facts) {
    try {
      return Optional.of(SnapshotFacts.read(facts));
    } catch (IOException | RuntimeException e) {
      LOG.warnf(e, "%s is not the description of a snapshot and is passed over", facts);
      return Optional.empty();
    }
  }
}
