package dev.berth.backend.ebs;

import dev.berth.backend.ebs.EbsConfig.Devices;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The configuration, checked.
 *
 * @param loopback whether the cloud is an emulated one that attaches nothing
 * @param instance absent unless {@code berth.host-id} is the id of an EC2 instance
 */
record EbsSettings(
    Optional<URI> endpoint,
    boolean loopback,
    Optional<String> instance,
    Optional<String> region,
    Optional<String> zone) {
  private static final Pattern INSTANCE_ID = Pattern.compile("i-[0-9a-f]{8,17}");

  /**
   * Refuses, as {@link IllegalStateException}, an endpoint without a word on its devices, and
   * devices made of files beside the real EC2, whose volumes they would hide.
   */
  static EbsSettings of(EbsConfig config) {
    EbsConfig.Ebs ebs = config.ebs();
    boolean loopback = ebs.devices().filter(Devices.LOOPBACK::equals).isPresent();
    if (loopback && ebs.endpoint().isEmpty()) {
      throw new IllegalStateException(
          "berth.ebs.devices=loopback is for emulated clouds only: set berth.ebs.endpoint too, or leave it out");
    }
    if (ebs.endpoint().isPresent() && ebs.devices().isEmpty()) {
      throw new IllegalStateException(
          "berth.ebs.endpoint is set: set berth.ebs.devices too, to loopback for an emulated cloud, which attaches no devices, or to system if it leads to EC2");
    }
    return new EbsSettings(
        ebs.endpoint(),
        loopback,
        config.hostId().filter(id -> INSTANCE_ID.matcher(id).matches()),
        ebs.region(),
        ebs.availabilityZone());
  }
}
