package dev.berth.backend.block;

import static dev.berth.backend.block.BlockOptions.SOURCE_VOLUME;

import dev.berth.backend.BackendTraits;
import dev.berth.backend.ContentJournal;
import dev.berth.backend.Existence;
import dev.berth.backend.Flushable;
import dev.berth.backend.Growable;
import dev.berth.backend.Observed;
import dev.berth.backend.Orphans;
import dev.berth.backend.Provisioned;
import dev.berth.backend.Retaining;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.Trimmable;
import dev.berth.backend.VolumeBackend;
import dev.berth.backend.VolumeLookup;
import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.volume.BackendName;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Option;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Progress;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Volumes on the devices of one {@link BlockStore}. */
public final class BlockBackend
    implements VolumeBackend,
        Growable,
        Flushable,
        SnapshotStore,
        Retaining,
        Orphans,
        Existence,
        Trimmable {
  private static final Duration ABANDON = Duration.ofSeconds(10);

  private final BlockStore store;
  private final BlockSnapshots snapshots;
  private final BlockTools tools;
  private final BlockMounter mounter;
  private final Freezer freezer;
  private final Trimmer trimmer;
  private final HostErrors errors;
  private final BlockSources sources;
  private final BackendTraits traits;

  public BlockBackend(BlockStore store, BlockSnapshots snapshots, BlockTools tools) {
    this.store = store;
    this.snapshots = snapshots;
    this.tools = tools;
    mounter = new BlockMounter(store, tools);
    trimmer = new Trimmer(store, mounter, tools.mounts());
    errors = new HostErrors(store::shortage);
    freezer =
        new Freezer(
            volume -> mounter.mounted(volume).map(entry -> mounter.filesystemRoot(volume)),
            tools.mounts());
    List<Option<?>> options = new ArrayList<>(BlockOptions.ALL);
    options.addAll(store.traits().options());
    BackendName name = store.traits().name();
    sources = new BlockSources(name, snapshots);
    traits = new BackendTraits(name, BackendTraits.Sharing.EXCLUSIVE, new OptionSchema(options));
  }

  @Override
  public BackendTraits traits() {
    return traits;
  }

  @Override
  public VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes) {
    BlockSource source = sources.of(options, volumes);
    return store.prepare(sources.complete(name, options, source, volumes), source);
  }

  @Override
  public Provisioned provision(Volume volume, VolumeLookup volumes) {
    return errors.translating(
        "create",
        volume,
        () -> {
          Optional<VolumeName> source = volume.options().find(SOURCE_VOLUME);
          return source.isPresent()
              ? volumes.using(source.get(), original -> cloneOf(volume, original))
              : provision(volume, sources.of(volume.options(), volumes));
        });
  }

  private Provisioned cloneOf(Volume volume, Volume original) {
    return freezer.whileFrozen(
        original, () -> provision(volume, new BlockSource.OfVolume(original)));
  }

  private Provisioned provision(Volume volume, BlockSource source) {
    Content content = sources.content(volume, source);
    return new Provisioned(store.provision(volume, source), content);
  }

  @Override
  public Path mountpoint(Volume volume) {
    return mounter.filesystemRoot(volume).resolve(DataDirectory.NAME);
  }

  @Override
  public Path mount(Volume volume, ContentJournal journal) {
    errors.translating("mount", volume, () -> mounter.ensureMounted(volume, journal));
    return mountpoint(volume);
  }

  @Override
  public void unmount(Volume volume) {
    errors.translating(
        "unmount",
        volume,
        () -> {
          trimmer.atRelease(volume);
          mounter.ensureUnmounted(volume);
        });
  }

  @Override
  public boolean trim(Volume volume, int piece) {
    return errors.translating("trim", volume, () -> trimmer.trim(volume, piece));
  }

  @Override
  public void deprovision(Volume volume) {
    errors.translating("remove", volume, () -> store.delete(volume));
  }

  @Override
  public boolean exists(Volume volume) {
    return errors.translating("look for", volume, () -> store.present(volume).isPresent());
  }

  @Override
  public Optional<ByteSize> presentSize(Volume volume) {
    return errors.translating("look for", volume, () -> store.present(volume));
  }

  @Override
  public void giveUp(Volume volume) {
    store.giveUp(volume);
  }

  @Override
  public Observed observe(Volume volume) {
    return errors.translating(
        "look at",
        volume,
        () -> {
          Optional<BlockDevice> device = store.attached(volume);
          Optional<MountEntry> entry = mounter.mounted(volume);
          if (entry.isPresent()) {
            return new Observed.Mounted(
                Optional.of(device.map(BlockDevice::path).orElse(Path.of(entry.get().source()))),
                entry.get().device().toString(),
                mounter.filesystemRoot(volume),
                mounter.health(volume, entry.get(), device));
          }
          return device
              .<Observed>map(
                  there ->
                      new Observed.Attached(Optional.of(there.path()), there.number().toString()))
              .orElseGet(Observed.Detached::new);
        });
  }

  @Override
  public ByteSize sizeFor(Volume volume, ByteSize wanted) {
    VolumeOptions options =
        volume.options().with(CommonOptions.SIZE, BlockOptionRules.whole(wanted));
    return store.prepare(options, new BlockSource.Nothing()).require(CommonOptions.SIZE);
  }

  @Override
  public void enlarge(Volume volume) {
    errors.translating("grow", volume, () -> store.grow(volume));
    Progress.reached(BlockStep.DEVICE_GROWN);
  }

  @Override
  public Volume follow(Volume volume, ContentJournal journal) {
    return errors.translating(
        "grow",
        volume,
        () -> {
          if (volume.made().content() instanceof Content.Blank) {
            return recordBlank(volume, journal);
          }
          Optional<BlockDevice> device = store.attached(volume);
          return device.isPresent() && mounter.mounted(volume).isPresent()
              ? growMounted(volume, device.get(), journal)
              : volume;
        });
  }

  private static Volume recordBlank(Volume volume, ContentJournal journal) {
    Volume grown =
        journal.record(volume, new Content.Blank(volume.options().require(CommonOptions.SIZE)));
    Progress.reached(BlockStep.GROWN_SIZE_RECORDED);
    return grown;
  }

  private Volume growMounted(Volume volume, BlockDevice device, ContentJournal journal) {
    try {
      return mounter.growFilesystem(volume, device, journal);
    } catch (HostException.ToolFailed e) {
      throw new VolumeException.Failed(
          "volume %s: its device has the new size, but its filesystem cannot follow while it is mounted (%s). It follows at the next mount: stop its containers and start them again"
              .formatted(volume.name(), e.getMessage()),
          e);
    }
  }

  @Override
  public void flush(Volume volume) {
    if (mounter.mounted(volume).isPresent()) {
      errors.translating(
          "flush", volume, () -> tools.mounts().flush(mounter.filesystemRoot(volume)));
    }
  }

  @Override
  public Snapshot takeSnapshot(Volume volume) {
    return snapshot(volume, snapshots::take);
  }

  @Override
  public Snapshot takeLastSnapshot(Volume volume) {
    return snapshot(volume, snapshots::takeLast);
  }

  private Snapshot snapshot(
      Volume volume, BiFunction<Volume, Optional<FilesystemType>, Snapshot> take) {
    Optional<FilesystemType> type = sources.facts(volume).type();
    return errors.translating(
        "snapshot", volume, () -> freezer.whileFrozen(volume, () -> take.apply(volume, type)));
  }

  @Override
  public List<Snapshot> snapshots() {
    return snapshots.list();
  }

  @Override
  public void deleteSnapshot(String id) {
    snapshots.remove(id);
  }

  @Override
  public void discardUnfinished() {
    snapshots.discardUnfinished();
  }

  @Override
  public void freeOrphans() {
    try {
      store.freeOrphans();
    } catch (HostException e) {
      throw new VolumeException.Failed(
          "what volumes of the backend %s that are gone left on this host cannot be freed: %s"
              .formatted(traits.name(), e.getMessage()),
          e);
    }
  }

  @Override
  public void abandonCopies() {
    freezer.end(ABANDON);
  }

  @Override
  public void thaw(Volume volume) {
    errors.translating("thaw", volume, () -> freezer.thaw(volume));
  }
}
