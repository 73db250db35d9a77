package dev.berth.backend.ebs.device;

import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.LoopDevices;
import dev.berth.host.SparseFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Loop devices that stand for the volumes of an emulated cloud, which has their state but not their
 * bytes: one sparse file for each volume and each snapshot, named by its id.
 */
public final class LoopbackDevices implements EbsDevices {
  private static final Duration COPY_LIMIT = Duration.ofSeconds(90);

  private final Path directory;
  private final LoopDevices devices;
  private final SparseFiles files;

  public LoopbackDevices(Path directory, LoopDevices devices, SparseFiles files) {
    this.directory = directory;
    this.devices = devices;
    this.files = files;
  }

  @Override
  public Optional<BlockDevice> find(String volume, Optional<String> name) {
    return devices.find(file(volume)).map(BlockDevice::at);
  }

  @Override
  public Optional<BlockDevice> await(Disk disk, Duration limit) {
    Path file = file(disk.volume());
    makeDirectory();
    if (Files.notExists(file)) {
      files.create(file);
      files.resize(file, bytes(disk));
    }
    return Optional.of(BlockDevice.at(devices.attach(file)));
  }

  @Override
  public void prove(BlockDevice device, Disk disk) {
    devices.verify(device.path(), file(disk.volume()));
  }

  @Override
  public void release(BlockDevice device) {
    devices.detach(device.path());
  }

  @Override
  public boolean awaitGone(String volume, Optional<String> name, Duration limit) {
    return find(volume, name).isEmpty();
  }

  @Override
  public boolean awaitSize(Disk disk, Duration limit) {
    Path file = file(disk.volume());
    Optional<BlockDevice> device = find(disk.volume(), disk.name());
    if (device.isEmpty()) {
      return false;
    }
    if (device.get().size() < bytes(disk)) {
      files.resize(file, bytes(disk));
      devices.refreshSize(device.get().path());
    }
    return true;
  }

  /** A volume or a snapshot that was never attached has no file, and neither has its copy. */
  @Override
  public void copied(String original, String copy) {
    if (Files.exists(file(original)) && Files.notExists(file(copy))) {
      files.copyToPart(file(original), file(copy), false, COPY_LIMIT);
      files.publish(file(copy));
    }
  }

  @Override
  public void deleted(String id) {
    if (Files.exists(file(id))) {
      files.delete(file(id));
    }
  }

  private Path file(String id) {
    return directory.resolve(id + ".img");
  }

  private static long bytes(Disk disk) {
    return (long) disk.sizeGiB() << 30;
  }

  private void makeDirectory() {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new HostException.Io("cannot make the directory " + directory, e);
    }
  }
}
