package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The keys that volumes can be encrypted with. With any other key of the right shape CreateVolume
 * succeeds, and the volume never comes to be.
 */
final class KmsKeys {
  static final String DEFAULT = "alias/aws/ebs";
  private static final Pattern SHAPE =
      Pattern.compile("(arn:aws:kms:[a-z0-9-]+:[0-9]{12}:)?(key/|alias/)?[a-zA-Z0-9/_-]{3,}");

  private final Set<String> usable = ConcurrentHashMap.newKeySet();

  KmsKeys() {
    usable.add(DEFAULT);
  }

  void allow(String key) {
    usable.add(key);
  }

  boolean usable(String key) {
    return usable.contains(key);
  }

  static void check(String key) {
    if (!SHAPE.matcher(key).matches()) {
      throw Ec2Error.invalidValue("Value (%s) for parameter KmsKeyId is invalid".formatted(key));
    }
  }
}
