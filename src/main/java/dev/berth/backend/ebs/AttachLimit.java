package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudInstance;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.InstanceType;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.List;
import java.util.Optional;

/** What to do when this instance cannot hold one more volume. */
final class AttachLimit {
  private final EbsContext cloud;

  AttachLimit(EbsContext cloud) {
    this.cloud = cloud;
  }

  /**
   * Whether a volume is just leaving this instance, which counts until EC2 has seen that its device
   * is gone; if so, another one fits soon.
   */
  boolean passes(Deadline deadline) {
    return cloud
        .ec2()
        .describeVolumes("attachment.instance-id", List.of(cloud.here()), deadline)
        .stream()
        .flatMap(volume -> volume.attachedTo(cloud.here()).stream())
        .anyMatch(Attachment::ending);
  }

  /** Says how many it can hold; EC2 is asked. */
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
