package dev.berth.backend.loop;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.block.BlockSource;
import dev.berth.backend.block.BlockStore;
import dev.berth.host.BlockDevice;
import dev.berth.host.Discards;
import dev.berth.host.HostException;
import dev.berth.host.LoopDevices;
import dev.berth.host.SparseFiles;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Option;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One sparse file per volume, named by the volume's name and id, so that a namesake made later is
 * another file; its reference is that file's name.
 */
final class LoopStore implements BlockStore {
  private static final Logger LOG = Logger.getLogger(LoopStore.class);
  static final BackendName NAME = new BackendName("loop");

  /** Whether a volume's file gives the space back of what was deleted in it. */
  static final Option<Boolean> DISCARD = Option.flag("discard");

  private static final long SCARCE = 1 << 20;
  private static final int USUAL_BLOCK = 4096;
  private static final long GIB = 1L << 30;

  private final Path directory;
  private final SparseFiles files;
  private final LoopDevices devices;
  private final LoopSnapshots snapshots;
  private final Preallocation preallocation;

  LoopStore(Path directory, SparseFiles files, LoopDevices devices, LoopSnapshots snapshots) {
    this.directory = directory;
    this.files = files;
    this.devices = devices;
    this.snapshots = snapshots;
    preallocation = new Preallocation(files);
  }

  @Override
  public Traits traits() {
    return new Traits(NAME, List.of(Preallocation.PREALLOCATE, DISCARD));
  }

  @Override
  public VolumeOptions prepare(VolumeOptions options, BlockSource source) {
    ByteSize size = options.require(CommonOptions.SIZE);
    files
        .limit(directory, size.bytes())
        .ifPresent(
            most -> {
              throw new VolumeException.Invalid(
                  "the size %s is more than a file can have on the filesystem of %s, which is %s at most: give a smaller size, or set berth.root to a directory on a filesystem with larger files, such as xfs"
                      .formatted(size, directory, readable(most)));
            });
    return options;
  }

  /** Rounded down, so that it can be given. */
  private static ByteSize readable(long bytes) {
    return bytes > GIB ? ByteSize.ofGiB(bytes / GIB) : new ByteSize(bytes);
  }

  @Override
  public BackendRef provision(Volume volume, BlockSource source) {
    Path file = file(volume);
    makeDirectory();
    boolean whole = Preallocation.of(volume);
    if (whole && Files.notExists(file)) {
      Preallocation.requireRoom(volume, directory, size(volume));
    }
    switch (source) {
      case BlockSource.Nothing nothing -> {
        files.create(file);
        Progress.reached(LoopStep.FILE_MADE);
      }
      case BlockSource.OfSnapshot of -> copy(snapshots.image(of.snapshot().id()), file, whole);
      case BlockSource.OfVolume of -> copy(file(of.volume()), file, whole);
      case BlockSource.Existing existing ->
          throw new IllegalArgumentException("a loop volume cannot be adopted");
    }
    enlarge(file, size(volume));
    if (whole) {
      preallocation.fill(file, size(volume));
      Progress.reached(LoopStep.FILE_ALLOCATED);
    }
    return new BackendRef(file.getFileName().toString());
  }

  /**
   * A copy appears whole or not at all, so one that is there was made, and may be in use.
   *
   * @param own whether it has to have blocks of its own
   */
  private void copy(Path source, Path file, boolean own) {
    if (Files.notExists(file)) {
      ImageFiles.copy(files, source, file, own);
    }
  }

  private void enlarge(Path file, long size) {
    try {
      if (Files.size(file) < size) {
        files.resize(file, size);
        Progress.reached(LoopStep.FILE_GROWN);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot read the size of " + file, e);
    }
  }

  @Override
  public BlockDevice attach(Volume volume) {
    Path file = file(volume);
    if (Files.notExists(file)) {
      throw new HostException.Unexpected(
          "its file %s is gone; put it back, or remove the volume".formatted(file));
    }
    Path device = devices.attach(file, largestSector(volume));
    if (!discards(volume)) {
      Discards.forbid(device);
    }
    return BlockDevice.at(device);
  }

  /** What mkfs is told, or takes: blocks of 4 KiB. */
  private static int largestSector(Volume volume) {
    return volume.options().find(BlockOptions.BLOCK_SIZE).orElse(USUAL_BLOCK);
  }

  @Override
  public Optional<BlockDevice> attached(Volume volume) {
    return devices.find(file(volume)).map(BlockDevice::at);
  }

  @Override
  public void detach(Volume volume) {
    devices.detachFrom(file(volume));
  }

  @Override
  public void delete(Volume volume) {
    files.delete(file(volume));
  }

  @Override
  public Optional<ByteSize> present(Volume volume) {
    Path file = file(volume);
    try {
      return Files.exists(file) ? Optional.of(new ByteSize(Files.size(file))) : Optional.empty();
    } catch (IOException e) {
      throw new HostException.Io("cannot read the size of " + file, e);
    }
  }

  @Override
  public void grow(Volume volume) {
    Path file = file(volume);
    if (Preallocation.of(volume)) {
      growWhole(volume, file);
    } else {
      enlarge(file, size(volume));
    }
    devices
        .find(file)
        .filter(device -> BlockDevice.at(device).size() < size(volume))
        .ifPresent(device -> refreshSize(volume, device));
  }

  /** The space first: a file that could not get it all keeps its length. */
  private void growWhole(Volume volume, Path file) {
    try {
      long present = Files.size(file);
      if (present < size(volume)) {
        Preallocation.requireRoom(volume, directory, size(volume) - present);
        preallocation.fill(file, size(volume));
        Progress.reached(LoopStep.FILE_GROWN);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot read the size of " + file, e);
    }
  }

  private void refreshSize(Volume volume, Path device) {
    try {
      devices.refreshSize(device);
    } catch (HostException e) {
      throw new VolumeException.UnknownOutcome(
          "volume %s: its file has the new size, but its device %s may not have: %s. The same command tries again"
              .formatted(volume.name(), device, e.getMessage()),
          e);
    }
  }

  @Override
  public boolean discards(Volume volume) {
    return !Preallocation.of(volume) && volume.options().find(DISCARD).orElse(true);
  }

  @Override
  public void freeOrphans() {
    for (Path device : devices.detachOrphans(directory)) {
      LOG.warnf("%s was over a file that had been deleted from %s; it is freed", device, directory);
    }
  }

  @Override
  public Optional<String> shortage() {
    try {
      long free = Files.getFileStore(directory).getUsableSpace();
      return free >= SCARCE
          ? Optional.empty()
          : Optional.of(
              "there is no space left in %s (%d KiB): make room there, then try again"
                  .formatted(directory, free >> 10));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  Path file(Volume volume) {
    return directory.resolve("%s.%s.img".formatted(volume.name(), volume.id()));
  }

  private static long size(Volume volume) {
    return volume.options().require(CommonOptions.SIZE).bytes();
  }

  private void makeDirectory() {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + directory, e);
    }
  }
}
