package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The number of a device in the kernel, {@code major:minor}, as mountinfo and sysfs print it. */
public record DeviceNumber(int major, int minor) {
  /** Reads {@code 7:3}; anything else is an {@link IllegalArgumentException}. */
  public static DeviceNumber parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a device number: " + text);
    }
    return new DeviceNumber(
        Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  /**
   * The number of the device node at {@code device}, whatever its name; {@link HostException.Io} if
   * there is none.
   */
  public static DeviceNumber ofBlockDevice(Path device) {
    try {
      return unpacked(((Number) Files.getAttribute(device, "unix:rdev")).longValue());
    } catch (IOException e) {
      throw new HostException.Io("no block device at " + device, e);
    }
  }

  /** As stat(2) packs it, see makedev(3). */
  static DeviceNumber unpacked(long packed) {
    return new DeviceNumber(
        (int) (((packed >>> 8) & 0xfff) | ((packed >>> 32) & ~0xfffL)),
        (int) ((packed & 0xff) | ((packed >>> 12) & ~0xffL)));
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
