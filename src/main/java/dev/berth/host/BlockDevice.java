package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An attached block device.
 *
 * @param size in bytes
 */
public record BlockDevice(Path path, DeviceNumber number, long size) {
  private static final int SECTOR = 512;

  /**
   * The device at {@code path}, e.g. {@code /dev/loop3}, as sysfs has it; {@link HostException.Io}
   * if there is none. A symbolic link is followed: the result has the device's own path.
   */
  public static BlockDevice at(Path path) {
    try {
      Path device = path.toRealPath();
      DeviceNumber number = DeviceNumber.ofBlockDevice(device);
      Path size = Path.of("/sys/dev/block", number.toString(), "size");
      long sectors = Long.parseLong(Files.readString(size).strip());
      return new BlockDevice(device, number, sectors * SECTOR);
    } catch (IOException e) {
      throw new HostException.Io("no block device at " + path, e);
    }
  }
}
