package dev.berth.backend.s3;

import dev.berth.volume.VolumeOptions;
import java.util.Optional;

/**
 * Where a volume's credentials come from.
 *
 * @param profile of the AWS files of this host; empty for the SDK's default chain
 * @param roleArn the role that is assumed with them
 */
record CredentialSource(Optional<String> profile, Optional<String> roleArn) {
  static CredentialSource of(VolumeOptions options) {
    return new CredentialSource(options.find(S3Options.PROFILE), options.find(S3Options.ROLE_ARN));
  }

  /** For people. */
  @Override
  public String toString() {
    String base =
        profile.map(name -> "the profile " + name).orElse("the default credentials of this host");
    return roleArn.map(role -> "the role %s, assumed with %s".formatted(role, base)).orElse(base);
  }
}
