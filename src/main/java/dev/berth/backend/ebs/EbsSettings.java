package dev.berth.backend.ebs;

import dev.berth.backend.ebs.EbsConfig.Devices;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The configuration, checked.
 *
 * @param loopback whether the cloud is an emulated one that attaches nothing
 * @param deleteAdopted whether volumes that Berth did not make may be deleted
 * @param instance absent unless {@code berth.host-id} is the id of an EC2 instance
 */
record EbsSettings(
    Optional<URI> endpoint,
    boolean loopback,
    boolean deleteAdopted,
    Optional<String> instance,
    Optional<String> region,
    Optional<String> zone) {
  private static final Pattern INSTANCE_ID = Pattern.compile("i-[0-9a-f]{8,17}");

  private static final Duration SHORTEST_STUCK = Duration.ofSeconds(1);

  /** A Mount ends soon after. */
  private static final Duration LONGEST_STUCK = Duration.ofSeconds(90);

  /**
   * Refuses, as {@link IllegalStateException}, an endpoint without a word on its devices, and
   * devices made of files beside the real EC2, whose volumes they would hide; and a time after
   * which all attachments, or none, would be stuck.
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
    Duration stuck = ebs.stuckAfter();
    if (stuck.compareTo(SHORTEST_STUCK) < 0 || stuck.compareTo(LONGEST_STUCK) > 0) {
      throw new IllegalStateException(
          "berth.ebs.stuck-after is %d ms; it takes from %d s to %d s"
              .formatted(stuck.toMillis(), SHORTEST_STUCK.toSeconds(), LONGEST_STUCK.toSeconds()));
    }
    return new EbsSettings(
        ebs.endpoint(),
        loopback,
        ebs.deleteAdopted(),
        config.hostId().filter(id -> INSTANCE_ID.matcher(id).matches()),
        ebs.region(),
        ebs.availabilityZone());
  }
}
