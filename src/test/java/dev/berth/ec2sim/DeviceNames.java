package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.util.regex.Pattern;

/** The names that a volume can be attached under. */
final class DeviceNames {
  private static final Pattern VALID =
      Pattern.compile("/dev/(sd[a-z]([1-9]|1[0-5])?|xvd[a-z]|xvd[a-d][a-z])");

  private DeviceNames() {}

  static void check(String device) {
    if (!VALID.matcher(device).matches()) {
      throw Ec2Error.invalidValue(
          "Value (%1$s) for parameter device is invalid. %1$s is not a valid EBS device name."
              .formatted(device));
    }
  }

  /** What the kernel of a Xen instance calls it. */
  static String xen(String device) {
    return device.replaceFirst("^/dev/(sd|xvd)", "xvd");
  }

  static Ec2Error inUse(String device) {
    return Ec2Error.invalidValue(
        "Invalid value '%1$s' for unixDevice. Attachment point %1$s is already in use"
            .formatted(device));
  }
}
