package dev.berth.backend.s3;

import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a client is to mount, and where.
 *
 * @param filesystemName by which mount tables show the client's filesystem, if it can be told one:
 *     no other client's has it
 * @param directory of the volume on this host, which has {@code cache}, {@code cache/tmp} and
 *     {@code secret} in it
 * @param memory the client's limit
 * @param version of the client's program on this host
 */
record MountPlan(
    VolumeOptions options,
    S3Target target,
    Path mountpoint,
    String filesystemName,
    Path directory,
    ClientKeys keys,
    ByteSize memory,
    ClientVersion version) {
  private static final int OCTAL = 8;
  static final String DEFAULT_MODE_TEXT = "0755";

  boolean readOnly() {
    return options.find(S3Options.READ_ONLY).orElse(false);
  }

  Path cache() {
    return directory.resolve("cache");
  }

  Path temporary() {
    return cache().resolve("tmp");
  }

  Path secret() {
    return directory.resolve("secret");
  }

  long uid() {
    return options.find(CommonOptions.UID).orElse(0L);
  }

  long gid() {
    return options.find(CommonOptions.GID).orElse(0L);
  }

  /** The permissions the options give, empty if they leave that to the objects. */
  OptionalInt givenMode() {
    Optional<Integer> mode = options.find(CommonOptions.MODE).map(MountPlan::parsed);
    return mode.isPresent() ? OptionalInt.of(mode.get()) : OptionalInt.empty();
  }

  int mode() {
    return givenMode().orElseGet(() -> parsed(DEFAULT_MODE_TEXT));
  }

  private static int parsed(String mode) {
    return Integer.parseInt(mode, OCTAL);
  }
}
