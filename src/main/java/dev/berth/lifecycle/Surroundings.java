package dev.berth.lifecycle;

import dev.berth.volume.HostId;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.regex.Pattern;

/** The clock and the host of the process, injected everywhere, so that tests can have their own. */
final class Surroundings {
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");

  /** On EC2 instances with NVMe the firmware has the instance's id here. */
  private static final Path ASSET_TAG = Path.of("/sys/devices/virtual/dmi/id/board_asset_tag");

  private static final Pattern INSTANCE_ID = Pattern.compile("i-[0-9a-f]{8,17}");
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
        new HostId(config.hostId().or(Surroundings::instanceId).orElseGet(() -> read(MACHINE_ID))),
        read(BOOT_ID));
  }

  private static Optional<String> instanceId() {
    return Files.isReadable(ASSET_TAG)
        ? Optional.of(read(ASSET_TAG)).filter(tag -> INSTANCE_ID.matcher(tag).matches())
        : Optional.empty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read %s; set berth.host-id".formatted(file), e);
    }
  }
}
