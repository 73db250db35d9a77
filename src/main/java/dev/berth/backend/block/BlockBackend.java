package dev.berth.backend.block;

import static dev.berth.backend.block.BlockOptions.SNAPSHOT_ID;
import static dev.berth.backend.block.BlockOptions.SOURCE_VOLUME;
import static dev.berth.backend.block.BlockOptions.VOLUME_ID;

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
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Volumes on the devices of one {@link BlockStore}. */
public final class BlockBackend implements VolumeBackend, Growable, Flushable, SnapshotStore {

  private final BlockStore store;
  private final BlockSnapshots snapshots;
  private final BlockTools tools;
  private final BlockMounter mounter;
  private final Freezer freezer;
  private final BackendName name;
  private final BackendTraits traits;

  public BlockBackend(BlockStore store, BlockSnapshots snapshots, BlockTools tools) {
    this.store = store;
    this.snapshots = snapshots;
    this.tools = tools;
    mounter = new BlockMounter(store, tools);
    freezer = new Freezer(mounter, tools.mounts());
    List<Option<?>> options = new ArrayList<>(BlockOptions.ALL);
    options.addAll(store.traits().options());
    name = store.traits().name();
    traits = new BackendTraits(name, BackendTraits.Sharing.EXCLUSIVE, new OptionSchema(options));
  }

  @Override
  public BackendTraits traits() {
    return traits;
  }

  @Override
  public VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes) {
    if (Stream.of(SNAPSHOT_ID, SOURCE_VOLUME, VOLUME_ID).filter(isGiven(options)).count() > 1) {
      throw new VolumeException.Invalid(
          "give only one of snapshotId, sourceVolume and volumeId: a volume has one source");
    }
    BlockSource source = source(options, volumes);
    VolumeOptions complete =
        switch (source) {
          case BlockSource.Nothing nothing -> BlockOptionRules.completeNew(options);
          case BlockSource.OfSnapshot of ->
              BlockOptionRules.completeCopy(options, sourceFacts(of.snapshot()));
          case BlockSource.OfVolume of ->
              BlockOptionRules.completeCopy(options, sourceFacts(of.volume()));
          case BlockSource.Existing existing -> {
            refuseHeld(name, existing, volumes);
            yield BlockOptionRules.completeExisting(options);
          }
        };
    return store.prepare(complete, source);
  }

  private static Predicate<Option<?>> isGiven(VolumeOptions options) {
    return option -> options.find(option).isPresent();
  }

  private BlockSource source(VolumeOptions options, VolumeLookup volumes) {
    return options
        .find(VOLUME_ID)
        .<BlockSource>map(BlockSource.Existing::new)
        .or(() -> options.find(SNAPSHOT_ID).map(this::snapshot).map(BlockSource.OfSnapshot::new))
        .or(() -> options.find(SOURCE_VOLUME).map(volumes::require).map(BlockSource.OfVolume::new))
        .orElseGet(BlockSource.Nothing::new);
  }

  private void refuseHeld(VolumeName adopter, BlockSource.Existing existing, VolumeLookup volumes) {
    volumes
        .holder(name, new BackendRef(existing.id()))
        .filter(holder -> !holder.equals(adopter))
        .ifPresent(
            holder -> {
              throw new VolumeException.Invalid(
                  "%s is the volume %s already; one can have one name only"
                      .formatted(existing.id(), holder));
            });
  }

  @Override
  public Provisioned provision(Volume volume, VolumeLookup volumes) {
    return HostErrors.translating(
        "create",
        volume,
        () -> {
          Optional<VolumeName> source = volume.options().find(SOURCE_VOLUME);
          return source.isPresent()
              ? volumes.using(source.get(), original -> cloneOf(volume, original))
              : provision(volume, source(volume.options(), volumes));
        });
  }

  private Provisioned cloneOf(Volume volume, Volume original) {
    return freezer.whileFrozen(
        original, () -> provision(volume, new BlockSource.OfVolume(original)));
  }

  private Provisioned provision(Volume volume, BlockSource source) {
    Content content =
        switch (source) {
          case BlockSource.Nothing nothing ->
              new Content.Blank(volume.options().require(CommonOptions.SIZE));
          case BlockSource.OfSnapshot of -> copy(sourceFacts(of.snapshot()));
          case BlockSource.OfVolume of -> copy(sourceFacts(of.volume()));
          case BlockSource.Existing existing ->
              new Content.Foreign(volume.options().require(CommonOptions.SIZE));
        };
    return new Provisioned(store.provision(volume, source), content);
  }

  private static Content copy(SourceFacts facts) {
    return facts
        .type()
        .<Content>map(type -> new Content.Copied(type, facts.size()))
        .orElseGet(() -> new Content.Foreign(facts.size()));
  }

  @Override
  public Path mountpoint(Volume volume) {
    return mounter.filesystemRoot(volume).resolve(DataDirectory.NAME);
  }

  @Override
  public Path mount(Volume volume, ContentJournal journal) {
    HostErrors.translating("mount", volume, () -> mounter.ensureMounted(volume, journal));
    return mountpoint(volume);
  }

  @Override
  public void unmount(Volume volume) {
    HostErrors.translating("unmount", volume, () -> mounter.ensureUnmounted(volume));
  }

  @Override
  public void deprovision(Volume volume) {
    HostErrors.translating("remove", volume, () -> store.delete(volume));
  }

  @Override
  public Observed observe(Volume volume) {
    return HostErrors.translating(
        "look at",
        volume,
        () -> {
          Optional<BlockDevice> device = store.attached(volume);
          Optional<MountEntry> entry = mounter.mounted(volume);
          if (entry.isPresent()) {
            return new Observed.Mounted(
                device.map(BlockDevice::path).orElse(Path.of(entry.get().source())),
                entry.get().device().toString(),
                mounter.filesystemRoot(volume));
          }
          return device
              .<Observed>map(
                  there -> new Observed.Attached(there.path(), there.number().toString()))
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
  public Volume grow(Volume volume, ContentJournal journal) {
    return HostErrors.translating(
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
      HostErrors.translating(
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
    Optional<FilesystemType> type = sourceFacts(volume).type();
    return HostErrors.translating(
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
    if (!volume.backend().equals(name)) {
      throw new VolumeException.Invalid(
          "volume %s is of the backend %s and cannot be the source of one of %s"
              .formatted(volume.name(), volume.backend(), name));
    }
    ByteSize size = volume.options().require(CommonOptions.SIZE);
    return switch (volume.made().content()) {
      case Content.Formatted formatted -> new SourceFacts(Optional.of(formatted.type()), size);
      case Content.Copied copied -> new SourceFacts(Optional.of(copied.type()), size);
      case Content.Foreign foreign -> new SourceFacts(Optional.empty(), size);
      case Content.Blank blank -> throw empty(volume);
      case Content.Formatting formatting -> throw empty(volume);
      case Content.Unmanaged unmanaged -> throw empty(volume);
    };
  }

  private static SourceFacts sourceFacts(Snapshot snapshot) {
    return new SourceFacts(snapshot.type(), snapshot.size());
  }

  private static VolumeException.Invalid empty(Volume volume) {
    return new VolumeException.Invalid(
        "volume %s was never mounted and has no filesystem yet: there is nothing to copy"
            .formatted(volume.name()));
  }

  private Snapshot snapshot(String id) {
    return snapshots
        .find(id)
        .orElseThrow(
            () ->
                new VolumeException.NotFound(
                    "there is no snapshot %s of the backend %s; 'berth snapshot ls' shows those there are"
                        .formatted(id, name)));
  }
}
