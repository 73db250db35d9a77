package dev.berth.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory on a filesystem of one's own kind, gone when closed.
 *
 * @param place where it is mounted
 */
public record SmallDisk(Path place, boolean mounted) implements AutoCloseable {
  /**
   * {@code ext4}, {@code xfs}, {@code btrfs}, {@code tmpfs}, {@code ramfs}, {@code overlay}, or
   * {@code 4k}, an ext4 on a device with sectors of 4 KiB; else none.
   */
  public static SmallDisk of(String type, Path directory) throws IOException {
    Path place = Files.createDirectory(directory.resolve("disk"));
    switch (type) {
      case "ext4", "xfs", "btrfs" -> {
        Path image = directory.resolve("disk.img");
        Run.of("truncate", "--size", "400M", image.toString()).succeed();
        Run.of("mkfs." + type, "-q", image.toString()).succeed();
        Run.of("mount", "-o", "loop", image.toString(), place.toString()).succeed();
      }
      case "4k" -> {
        Path image = directory.resolve("disk.img");
        Run.of("truncate", "--size", "400M", image.toString()).succeed();
        String device =
            Run.of("losetup", "--find", "--show", "--sector-size", "4096", image.toString())
                .succeed()
                .text();
        Run.of("mkfs.ext4", "-q", device).succeed();
        Run.of("mount", device, place.toString()).succeed();
        // It goes with the mount.
        Run.of("losetup", "--detach", device).succeed();
      }
      case "tmpfs", "ramfs" -> Run.of("mount", "-t", type, "berth", place.toString()).succeed();
      case "overlay" -> {
        for (String part : new String[] {"lower", "upper", "work"}) {
          Files.createDirectory(directory.resolve(part));
        }
        Run.of(
                "mount",
                "-t",
                "overlay",
                "-o",
                "lowerdir=%1$s/lower,upperdir=%1$s/upper,workdir=%1$s/work".formatted(directory),
                "berth",
                place.toString())
            .succeed();
      }
      default -> {
        return new SmallDisk(place, false);
      }
    }
    return new SmallDisk(place, true);
  }

  @Override
  public void close() {
    if (mounted) {
      // Those that a test which failed has left.
      new Traces(place)
          .loopDevices()
          .keySet()
          .forEach(device -> Run.of("losetup", "--detach", device).run());
      Run.of("umount", place.toString()).succeed();
    }
  }
}
