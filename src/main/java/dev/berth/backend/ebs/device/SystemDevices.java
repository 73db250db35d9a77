package dev.berth.backend.ebs.device;

import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.host.BlockDevice;
import dev.berth.host.DirectoryWatch;
import dev.berth.host.HostException;
import dev.berth.host.HotplugDisks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The instance's own disks: NVMe, found by serial number, which is the volume's id without its
 * dash; Xen, which have none, by the name they were attached with and their size.
 */
public final class SystemDevices implements EbsDevices {
  private static final Duration LOOK_AT_SIZE = Duration.ofMillis(100);
  private final HotplugDisks disks;
  private final DirectoryWatch nodes;

  public SystemDevices(Path sysfs, Path nodes) {
    disks = new HotplugDisks(sysfs, nodes);
    this.nodes = new DirectoryWatch(nodes);
  }

  @Override
  public Optional<BlockDevice> find(String volume, Optional<String> name) {
    return disks.bySerial(serial(volume)).or(() -> name.flatMap(disks::byXenName));
  }

  @Override
  public Optional<BlockDevice> await(Disk disk, Duration limit) {
    return nodes.await(() -> find(disk.volume(), disk.name()).isPresent(), limit)
        ? find(disk.volume(), disk.name())
        : Optional.empty();
  }

  @Override
  public void prove(BlockDevice device, Disk disk) {
    if (disks.bySerial(serial(disk.volume())).isPresent()) {
      disks.verifySerial(device, serial(disk.volume()));
    } else if (device.size() < bytes(disk)) {
      throw new HostException.Unexpected(
          "%s has %d bytes and cannot be %s, which has %d GiB"
              .formatted(device.path(), device.size(), disk.volume(), disk.sizeGiB()));
    }
  }

  @Override
  public void release(BlockDevice device) {}

  @Override
  public boolean awaitGone(String volume, Optional<String> name, Duration limit) {
    return nodes.await(() -> find(volume, name).isEmpty(), limit);
  }

  @Override
  public boolean awaitSize(Disk disk, Duration limit) {
    Deadline deadline = Deadline.in(limit);
    while (find(disk.volume(), disk.name()).filter(now -> now.size() >= bytes(disk)).isEmpty()) {
      if (deadline.passed()) {
        return false;
      }
      deadline.pause(LOOK_AT_SIZE);
    }
    return true;
  }

  @Override
  public void copied(String original, String copy) {}

  @Override
  public void deleted(String id) {}

  private static String serial(String volume) {
    return volume.replace("-", "");
  }

  private static long bytes(Disk disk) {
    return (long) disk.sizeGiB() << 30;
  }
}
