package dev.berth.lifecycle;

import dev.berth.volume.HostId;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** The clock and the host of the process, injected everywhere, so that tests can have their own. */
final class Surroundings {
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private Surroundings() {}

  @Produces
  @Singleton
  static Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  static ThisHost host(LifecycleConfig config) {
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
