package dev.berth.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * An attached block device.
 *
 * @param size in bytes
 */
public record BlockDevice(Path path, DeviceNumber number, long size) {
  private static final int SECTOR = 512;

  /**
   * The device at {@code path}, e.g. {@code /dev/loop3}, as sysfs has it; {@link HostException.Io}
   * if there is none.
   */
  public static BlockDevice at(Path path) {
    try {
      Path sysfs = Path.of("/sys/class/block", path.getFileName().toString());
      long sectors = Long.parseLong(Files.readString(sysfs.resolve("size")).strip());
      return new BlockDevice(path, DeviceNumber.ofBlockDevice(path), sectors * SECTOR);
    } catch (IOException e) {
      throw new HostException.Io("no block device at " + path, e);
    }
  }

  /** The file behind it, if it is a loop device; empty for any other. Reads sysfs only. */
  public Optional<Path> backingFile() {
    return LoopDevices.backingFile(path).map(Path::of);
  }

  /**
   * Opens the device for reading. Until the channel is closed the kernel keeps the device, and
   * gives its path to no other one, even if it is being detached; what is proved of it after this
   * stays true so long.
   */
  public FileChannel hold() {
    try {
      return FileChannel.open(path, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new HostException.Io("cannot open " + path, e);
    }
  }
}
