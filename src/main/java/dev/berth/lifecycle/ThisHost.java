package dev.berth.lifecycle;

import dev.berth.volume.HostId;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine this runs on.
 *
 * @param bootId changes with each boot, after which nothing of an earlier claim is mounted any more
 */
public record ThisHost(HostId id, String bootId) {
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  @Produces
  @Singleton
  static ThisHost produce(LifecycleConfig config) {
    return new ThisHost(
        new HostId(config.hostId().orElseGet(() -> read(MACHINE_ID))), read(BOOT_ID));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read %s; set berth.host-id".formatted(file), e);
    }
  }
}
