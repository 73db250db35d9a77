package dev.berth.backend.block;

import dev.berth.backend.Observed.Health;
import dev.berth.host.BlockDevice;
import dev.berth.host.HostException;
import dev.berth.host.MountEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Whether a mounted filesystem is still what was mounted. Reads what the kernel has in memory. */
final class FilesystemHealth {
  /** ext4 says so after an error of its device, and after {@code EXT4_IOC_SHUTDOWN}. */
  private static final String SHUT_DOWN = "shutdown";

  /** ext4, from Linux 6.13; before, and with xfs and btrfs, it is {@code ro}. */
  private static final String EMERGENCY = "emergency_ro";

  private static final String READ_ONLY = "ro";

  /** btrfs has numbers that are no device's. */
  private static final String NUMBERS_ITS_OWN = "btrfs";

  private FilesystemHealth() {}

  /**
   * The health of the filesystem that {@code entry}, at {@code root}, is a mount of.
   *
   * @param device the volume's, as the store finds it now; empty if it does not
   * @param readOnly whether it was to be mounted so
   */
  static Health of(MountEntry entry, Path root, Optional<BlockDevice> device, boolean readOnly) {
    if (isForeign(entry, device)) {
      return new Health.Sound();
    }
    Optional<BlockDevice> there = device.or(() -> source(entry));
    if (there.isEmpty()) {
      return new Health.Failed("its device %s is gone from this host".formatted(entry.source()));
    }
    List<String> options = entry.superOptions();
    if (options.contains(SHUT_DOWN) || isUnreadable(root)) {
      return new Health.Failed(
          "the kernel has shut its filesystem on %s down after an error, and nothing can be read or written"
              .formatted(entry.source()));
    }
    if (options.contains(EMERGENCY) || (options.contains(READ_ONLY) && !readOnly)) {
      return new Health.Failed(
          "its filesystem on %s has become read-only, as after an error of its device or a full disk below it"
              .formatted(entry.source()));
    }
    return there.get().backingFileDeleted()
        ? doomed(there.get())
        : there.get().risk().<Health>map(Health.AtRisk::new).orElseGet(Health.Sound::new);
  }

  /** What somebody else has mounted there is not judged here, lest it be unmounted as broken. */
  private static boolean isForeign(MountEntry entry, Optional<BlockDevice> device) {
    return device.isPresent()
        ? !entry.device().equals(device.get().number())
            && !entry.source().equals(device.get().path().toString())
        : !entry.source().startsWith("/dev/");
  }

  private static Health doomed(BlockDevice device) {
    return new Health.Doomed(
        "the file behind its device %s has been deleted, and all of its data is lost when it is unmounted: copy it away while a container uses it"
            .formatted(device.path()));
  }

  /**
   * What it was mounted from, if that is still there: a loop device whose file has another name
   * now, a Xen disk after a restart. The number of a device that is mounted goes to no other one.
   */
  private static Optional<BlockDevice> source(MountEntry entry) {
    try {
      return Optional.of(BlockDevice.at(Path.of(entry.source())))
          .filter(
              device ->
                  device.number().equals(entry.device()) || entry.type().equals(NUMBERS_ITS_OWN));
    } catch (HostException.Io e) {
      return Optional.empty();
    }
  }

  /** xfs shows in its options nothing of a shutdown; looking at what is in memory tells. */
  private static boolean isUnreadable(Path root) {
    try {
      Files.getAttribute(root, "unix:ino");
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
