package dev.berth.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Disks that a hypervisor attaches while the system runs, found by what they say of themselves in
 * sysfs: no udev, no links, no tools.
 */
public final class HotplugDisks {
  /**
   * A namespace of an NVMe controller. {@code nvme0c1n1} is a path of a multipath disk: it has the
   * same serial number and no device node. The number after {@code n} is not always 1.
   */
  private static final Pattern NVME = Pattern.compile("nvme\\d+n\\d+");

  private static final Pattern SHORT_NAME = Pattern.compile("(?:/dev/)?(?:sd|xvd)([a-z]{1,2})");
  private static final String XEN_DISK = "vbd";

  private final Path sysfs;
  private final Path nodes;

  /**
   * @param sysfs {@code /sys/block}, with a directory for each disk
   * @param nodes {@code /dev}
   */
  public HotplugDisks(Path sysfs, Path nodes) {
    this.sysfs = sysfs;
    this.nodes = nodes;
  }

  /**
   * The NVMe disk with exactly this serial number, if there is one and it has its node. Two of them
   * are {@link HostException.Unexpected}. Reads sysfs only, in less than a millisecond a disk.
   */
  public Optional<BlockDevice> bySerial(String serial) {
    List<BlockDevice> found = new ArrayList<>();
    try (DirectoryStream<Path> disks = Files.newDirectoryStream(sysfs, "nvme*")) {
      for (Path disk : disks) {
        if (NVME.matcher(name(disk)).matches() && isSerial(disk, serial)) {
          device(disk).ifPresent(found::add);
        }
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | DirectoryIteratorException e) {
      throw new HostException.Io("cannot list the disks in " + sysfs, e);
    }
    if (found.size() > 1) {
      throw new HostException.Unexpected(
          "%s and %s both have the serial number %s"
              .formatted(found.getFirst().path(), found.getLast().path(), serial));
    }
    return found.stream().findFirst();
  }

  /**
   * Proves, while the disk is held open and so cannot change its identity, that it has this serial
   * number; else {@link HostException.Unexpected}.
   */
  public void verifySerial(BlockDevice device, String serial) {
    try (FileChannel open = FileChannel.open(device.path(), StandardOpenOption.READ)) {
      if (!open.isOpen() || !bySerial(serial).map(BlockDevice::number).equals(number(device))) {
        throw new HostException.Unexpected(
            "%s is no longer the disk with the serial number %s".formatted(device.path(), serial));
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot open " + device.path(), e);
    }
  }

  private static Optional<DeviceNumber> number(BlockDevice device) {
    return Optional.of(DeviceNumber.ofBlockDevice(device.path()));
  }

  /**
   * The Xen disk that was attached as {@code requested}, e.g. {@code /dev/sdf}, which the kernel
   * may call {@code xvdf}. Xen disks have no serial number; NVMe disks are never found by name.
   */
  public Optional<BlockDevice> byXenName(String requested) {
    var matcher = SHORT_NAME.matcher(requested);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Stream.of("xvd", "sd")
        .map(prefix -> sysfs.resolve(prefix + matcher.group(1)))
        .filter(disk -> read(disk.resolve("device/devtype")).filter(XEN_DISK::equals).isPresent())
        .flatMap(disk -> device(disk).stream())
        .findFirst();
  }

  private static boolean isSerial(Path disk, String serial) {
    return read(disk.resolve("device/serial")).filter(serial::equals).isPresent();
  }

  /** Empty while its node is not there yet, or is that of another disk. */
  private Optional<BlockDevice> device(Path disk) {
    try {
      BlockDevice device = BlockDevice.at(nodes.resolve(name(disk)));
      return read(disk.resolve("dev")).filter(device.number().toString()::equals).map(n -> device);
    } catch (HostException.Io e) {
      return Optional.empty();
    }
  }

  private static String name(Path disk) {
    return disk.getFileName().toString();
  }

  private static Optional<String> read(Path attribute) {
    try {
      return Optional.of(Files.readString(attribute).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
