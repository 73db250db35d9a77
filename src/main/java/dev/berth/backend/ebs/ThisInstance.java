package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.InstanceIdentity;
import dev.berth.backend.ebs.ec2.InstanceMetadata;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The EC2 instance that Berth runs on: from the configuration, the rest from EC2's metadata. */
final class ThisInstance {
  private static final Path VENDOR = Path.of("/sys/devices/virtual/dmi/id/sys_vendor");
  private static final Path HYPERVISOR_UUID = Path.of("/sys/hypervisor/uuid");

  private final EbsSettings settings;
  private final Supplier<InstanceMetadata> metadata;
  private @Nullable InstanceIdentity identity;

  ThisInstance(EbsSettings settings, Supplier<InstanceMetadata> metadata) {
    this.settings = settings;
    this.metadata = metadata;
  }

  /** Whether this host may have EBS volumes at all. Asks nobody. */
  boolean plausible() {
    return settings.endpoint().isPresent()
        || settings.region().isPresent()
        || settings.instance().isPresent()
        || begins(VENDOR, "Amazon")
        || begins(HYPERVISOR_UUID, "ec2");
  }

  /** Asked for once; a failure is {@link VolumeException.Failed}, and asked for again next time. */
  synchronized InstanceIdentity identity() {
    if (identity == null) {
      identity = configured().orElseGet(this::completed);
    }
    return identity;
  }

  private Optional<InstanceIdentity> configured() {
    return settings
        .instance()
        .flatMap(
            instance ->
                settings
                    .zone()
                    .flatMap(
                        zone ->
                            settings
                                .region()
                                .map(region -> new InstanceIdentity(instance, zone, region))));
  }

  private InstanceIdentity completed() {
    if (settings.loopback()) {
      throw new VolumeException.Failed(
          "an emulated cloud has no instance metadata: set berth.host-id to the id of an instance there (i-…), berth.ebs.region and berth.ebs.availability-zone");
    }
    InstanceIdentity found = metadata.get().read();
    return new InstanceIdentity(
        settings.instance().orElse(found.instance()),
        settings.zone().orElse(found.zone()),
        settings.region().orElse(found.region()));
  }

  private static boolean begins(Path file, String prefix) {
    try {
      return Files.readString(file).startsWith(prefix);
    } catch (IOException e) {
      return false;
    }
  }
}
