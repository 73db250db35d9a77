package dev.berth.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Direct I/O of loop devices: past the host's page cache, so that a write that found no room on the
 * host's disk fails when it is made. Through the page cache it fails afterwards, when the kernel
 * writes back, and what an fsync in the volume was promised is lost (loop(4), {@code
 * LOOP_SET_DIRECT_IO}).
 */
final class DirectIo {
  private static final Logger LOG = Logger.getLogger(DirectIo.class);
  private static final Path SYSFS = Path.of("/sys/block");
  private static final Path DEVICES = Path.of("/sys/dev/block");
  private static final int O_CLOEXEC = 0x80000;
  private static final long LOOP_SET_DIRECT_IO = 0x4C08;
  private static final long LOOP_SET_BLOCK_SIZE = 0x4C09;
  private static final int BLOCK_OF_XFS = 4096;
  private static final Optional<OpenOption> OPTION = findOption();

  private DirectIo() {}

  /**
   * The option that opens a file for direct I/O, if this JDK has it. By its name: javac warns of
   * what may be missing in another one.
   */
  static Optional<OpenOption> option() {
    return OPTION;
  }

  private static Optional<OpenOption> findOption() {
    try {
      return Stream.of(Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Whether a loop device does it, by the kernel's word; of another device it is false. */
  static boolean isOn(Path device) {
    return read(SYSFS.resolve(device.getFileName()).resolve("loop/dio"))
        .filter("1"::equals)
        .isPresent();
  }

  /**
   * Switches it on for a device over {@code file} that nothing uses. On already: success; where it
   * cannot be had the device stays as it is, and {@link #obstacle} says why.
   *
   * @param largestSector in bytes, asked for only if the device needs larger sectors for that: what
   *     the filesystem on it, or the one to be made there, allows
   */
  static void ensure(Path device, Path file, IntSupplier largestSector) {
    if (isOn(device) || isUnreliable(file)) {
      return;
    }
    try (Descriptor open =
        Descriptor.of("open " + device, Libc.open(device.toString(), O_CLOEXEC))) {
      int wanted = Math.max(sectorBelow(file).orElse(0), sectorOnceShared(file));
      if (wanted > sector(device) && wanted <= largestSector.getAsInt()) {
        Descriptor.check(
            "set the sector size of " + device,
            Libc.ioctl(open.number(), LOOP_SET_BLOCK_SIZE, wanted));
      }
      Descriptor.check(
          "switch direct I/O on for " + device, Libc.ioctl(open.number(), LOOP_SET_DIRECT_IO, 1));
    } catch (HostException.CallFailed e) {
      LOG.debug(e.getMessage());
    }
    if (!isOn(device)) {
      LOG.warnf("%s, over %s, does no direct I/O: %s", device, file, obstacle(device, file));
    }
  }

  /** Why a device over {@code file} is without it, for people. */
  static String obstacle(Path device, Path file) {
    int needed = sectorBelow(file).orElse(0);
    if (needed > sector(device)) {
      return "the filesystem below takes pieces of %d bytes, and its sectors are smaller"
          .formatted(needed);
    }
    return obstacle(file)
        .orElse("it was in use when Berth found it so; it has direct I/O from its next mount on");
  }

  /** Why no device over {@code file} can have it, for people; empty if one can. */
  static Optional<String> obstacle(Path file) {
    String type = filesystem(file).orElse("the filesystem there");
    if (isUnreliable(file)) {
      return Optional.of(type + " does not say which sectors direct I/O needs there");
    }
    if (OPTION.isEmpty()) {
      return Optional.empty();
    }
    try (FileChannel _ = FileChannel.open(file, StandardOpenOption.READ, OPTION.get())) {
      return Optional.empty();
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.of(type + " has none");
    }
  }

  /**
   * What a file needs as soon as it shares blocks with another, after a snapshot: on xfs its blocks
   * (Linux 6.14). A filesystem with smaller sectors would have no direct I/O from then on.
   */
  private static int sectorOnceShared(Path file) {
    return filesystem(file).filter("xfs"::equals).isPresent() ? BLOCK_OF_XFS : 0;
  }

  /** Before Linux 6.1 overlayfs takes what the filesystem below it then refuses. */
  private static boolean isUnreliable(Path file) {
    return filesystem(file).filter("overlay"::equals).isPresent() && sectorBelow(file).isEmpty();
  }

  private static Optional<String> filesystem(Path file) {
    return MountTable.own().covering(file).map(MountEntry::type);
  }

  /**
   * The sector size, in bytes, that direct I/O to {@code file} needs: the filesystem's word, or
   * that of the device below it. Empty: nobody says, and there is none (btrfs, which writes through
   * the cache what does not fit).
   */
  private static OptionalInt sectorBelow(Path file) {
    long fd = Libc.open(MountPoint.of(file).bytes(), O_CLOEXEC);
    if (fd < 0) {
      return OptionalInt.empty();
    }
    try (Descriptor open = new Descriptor(fd)) {
      int aligned = Libc.directIoAlignment(open.number());
      return aligned > 0
          ? OptionalInt.of(aligned)
          : FileIdentity.of(file).map(DirectIo::sectorOf).orElse(OptionalInt.empty());
    }
  }

  private static OptionalInt sectorOf(FileIdentity file) {
    Path device = DEVICES.resolve(file.filesystem().toString());
    return number(device.resolve("queue/logical_block_size"))
        .or(() -> number(device.resolve("../queue/logical_block_size")))
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private static int sector(Path device) {
    return number(SYSFS.resolve(device.getFileName()).resolve("queue/logical_block_size"))
        .orElse(0);
  }

  private static Optional<Integer> number(Path file) {
    return read(file).map(Integer::valueOf);
  }

  private static Optional<String> read(Path file) {
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
