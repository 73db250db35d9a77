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
  private static final int O_EXCL = 0x80;
  private static final int O_CLOEXEC = 0x80000;
  private static final int EBUSY = 16;

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

  /** The file behind it, if it is a loop device; empty for any other. Reads sysfs only. */
  public Optional<Path> backingFile() {
    return LoopDevices.backingFile(path).map(Path::of);
  }

  /** Whether it is a loop device whose file has been deleted: what is on it ends with it. */
  public boolean backingFileDeleted() {
    return LoopDevices.isBackingDeleted(path);
  }

  /**
   * Why a loop device can lose what was fsynced on it, as a sentence for people: it does no direct
   * I/O. Empty if it does, and for any other device.
   */
  public Optional<String> risk() {
    return LoopDevices.buffered(path);
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

  /**
   * Whether something on this host has claimed the device or a partition of it: a mount in any
   * namespace, swap, LVM, RAID, a program that works on it alone. A mere reader has not. Of a
   * device that is gone it is false.
   */
  public boolean claimed() {
    long fd = Libc.open(path.toString(), O_EXCL | O_CLOEXEC);
    if (fd >= 0) {
      Libc.close(fd);
    }
    return fd == -EBUSY;
  }
}
