package dev.berth.backend.block;

import static dev.berth.backend.block.BlockOptions.SNAPSHOT_ID;
import static dev.berth.backend.block.BlockOptions.SOURCE_VOLUME;

import dev.berth.backend.BackendTraits;
import dev.berth.backend.ContentJournal;
import dev.berth.backend.Flushable;
import dev.berth.backend.Growable;
import dev.berth.backend.Observed;
import dev.berth.backend.Provisioned;
import dev.berth.backend.SnapshotStore;
import dev.berth.backend.VolumeBackend;
import dev.berth.backend.VolumeLookup;
import dev.berth.backend.block.BlockOptionRules.SourceFacts;
import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import dev.berth.volume.BackendRef;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Volumes on the devices of one {@link BlockStore}. */
public final class BlockBackend implements VolumeBackend, Growable, Flushable, SnapshotStore {

  private final BlockStore store;
  private final BlockSnapshots snapshots;
  private final BlockTools tools;
  private final BlockMounter mounter;
  private final Freezer freezer;
  private final HostErrors errors;
  private final BackendTraits traits;

  public BlockBackend(BlockStore store, BlockSnapshots snapshots, BlockTools tools) {
    this.store = store;
    this.snapshots = snapshots;
    this.tools = tools;
    mounter = new BlockMounter(store, tools);
    errors = new HostErrors(store::shortage);
    freezer = new Freezer(mounter, tools.mounts());
    List<Option<?>> options = new ArrayList<>(BlockOptions.ALL);
    options.addAll(store.options());
    traits =
        new BackendTraits(store.name(), BackendTraits.Sharing.EXCLUSIVE, new OptionSchema(options));
  }

  @Override
  public BackendTraits traits() {
    return traits;
  }

  @Override
  public VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes) {
    Optional<SourceFacts> snapshot =
        options
            .find(SNAPSHOT_ID)
            .map(this::snapshot)
            .map(found -> new SourceFacts(found.type(), found.size()));
    Optional<SourceFacts> source =
        snapshot.or(() -> options.find(SOURCE_VOLUME).map(volumes::require).map(this::sourceFacts));
    return source
        .map(facts -> BlockOptionRules.completeCopy(options, facts))
        .orElseGet(() -> BlockOptionRules.completeNew(options));
  }

  @Override
  public Provisioned provision(Volume volume, VolumeLookup volumes) {
    return errors.translating(
        "create",
        volume,
        () -> {
          Optional<VolumeName> source = volume.options().find(SOURCE_VOLUME);
          if (source.isPresent()) {
            return volumes.using(source.get(), original -> cloneOf(volume, original));
          }
          Optional<String> snapshotId = volume.options().find(SNAPSHOT_ID);
          if (snapshotId.isPresent()) {
            Snapshot snapshot = snapshot(snapshotId.get());
            BackendRef ref = store.provision(volume, new BlockSource.OfSnapshot(snapshot));
            return new Provisioned(ref, new Content.Copied(snapshot.type(), snapshot.size()));
          }
          return new Provisioned(
              store.provision(volume, new BlockSource.Nothing()),
              new Content.Blank(volume.options().require(CommonOptions.SIZE)));
        });
  }

  private Provisioned cloneOf(Volume volume, Volume original) {
    SourceFacts facts = sourceFacts(original);
    BackendRef ref =
        freezer.whileFrozen(
            original,
            () -> store.provision(volume, new BlockSource.OfVolume(original, facts.type())));
    return new Provisioned(ref, new Content.Copied(facts.type(), facts.size()));
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
    errors.translating("unmount", volume, () -> mounter.ensureUnmounted(volume));
  }

  @Override
  public void deprovision(Volume volume) {
    errors.translating("remove", volume, () -> store.delete(volume));
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
                mounter.filesystemRoot(volume));
          }
          return device
              .<Observed>map(
                  there ->
                      new Observed.Attached(Optional.of(there.path()), there.number().toString()))
              .orElseGet(Observed.Detached::new);
        });
  }

  @Override
  public Volume grow(Volume volume, ContentJournal journal) {
    return errors.translating(
        "grow",
        volume,
        () -> {
          store.grow(volume);
          Progress.reached(BlockStep.DEVICE_GROWN);
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

  private Snapshot snapshot(Volume volume, BiFunction<Volume, FilesystemType, Snapshot> take) {
    FilesystemType type = sourceFacts(volume).type();
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
  public void thaw(Volume volume) {
    freezer.thaw(volume);
  }

  private SourceFacts sourceFacts(Volume volume) {
    if (!volume.backend().equals(store.name())) {
      throw new VolumeException.Invalid(
          "volume %s is of the backend %s and cannot be the source of one of %s"
              .formatted(volume.name(), volume.backend(), store.name()));
    }
    return switch (volume.made().content()) {
      case Content.Formatted formatted ->
          new SourceFacts(formatted.type(), volume.options().require(CommonOptions.SIZE));
      case Content.Copied copied ->
          new SourceFacts(copied.type(), volume.options().require(CommonOptions.SIZE));
      case Content.Blank blank -> throw empty(volume);
      case Content.Formatting formatting -> throw empty(volume);
      case Content.Unmanaged unmanaged -> throw empty(volume);
    };
  }

  private static VolumeException.Invalid empty(Volume volume) {
    return new VolumeException.Invalid(
        "volume %s was never mounted and has no filesystem yet: there is nothing to copy"
            .formatted(volume.name()));
  }

  private Snapshot snapshot(String id) {
    return snapshots.list().stream()
        .filter(snapshot -> snapshot.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new VolumeException.NotFound(
                    "there is no snapshot %s of the backend %s; 'berth snapshot ls' shows those there are"
                        .formatted(id, store.name())));
  }
}
