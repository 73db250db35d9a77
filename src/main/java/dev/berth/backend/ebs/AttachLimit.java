package dev.berth.backend.ebs;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;

/** How many volumes this instance can hold, asked for when it cannot hold one more. */
final class AttachLimit {
  private final Cloud cloud;

  AttachLimit(Cloud cloud) {
    this.cloud = cloud;
  }

  VolumeException exceeded(Volume volume, CloudException failure, Deadline deadline) {
    return new VolumeException.Failed(
        "volume %s: instance %s cannot hold one more volume%s. Stop containers that use others, or take a larger instance type"
            .formatted(volume.name(), cloud.here(), numbers(deadline)),
        failure);
  }

  private String numbers(Deadline deadline) {
    try {
      Optional<CloudInstance> instance = cloud.view().instance(cloud.here(), deadline);
      return instance
          .flatMap(
              here ->
                  cloud
                      .instanceTypes()
                      .find(here.type(), deadline)
                      .map(type -> numbers(here, type)))
          .orElse("");
    } catch (CloudException e) {
      return "";
    }
  }

  private static String numbers(CloudInstance here, InstanceType type) {
    int interfaces = type.shared() ? Math.max(0, here.interfaces() - 1) : 0;
    return ": it has %d, and its type %s allows %d%s"
        .formatted(
            here.devices().size(),
            type.name(),
            type.attachments() - interfaces,
            interfaces == 0 ? "" : " beside %d network interfaces".formatted(here.interfaces()));
  }
}
