package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockOptions;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Option;
import java.util.List;
import java.util.regex.Pattern;

/** The options that only EBS volumes have, in EC2's own words. */
final class EbsOptions {
  static final Option<VolumeType> TYPE = Option.oneOf("type", VolumeType.class);
  static final Option<Integer> IOPS = Option.number("iops", 100, 256_000);

  /** In MiB/s. */
  static final Option<Integer> THROUGHPUT = Option.number("throughput", 125, 2_000);

  static final Option<Boolean> ENCRYPTED = Option.flag("encrypted");
  static final Option<String> KMS_KEY_ID =
      Option.text(
          "kmsKeyId",
          "the id, the alias or the ARN of a KMS key",
          Pattern.compile("[A-Za-z0-9:/_-]{1,2048}"));

  /** In MiB/s. */
  static final Option<Integer> INITIALIZATION_RATE =
      Option.number("volumeInitializationRate", 100, 300);

  static final Option<String> ZONE =
      Option.text(
          "availabilityZone",
          "an availability zone such as eu-central-1a",
          Pattern.compile("[a-z0-9-]{4,64}"));
  static final Option<String> TAGS =
      Option.family(
          "tags",
          "a tag value: at most 256 letters, digits, spaces and _.:/=+-@",
          Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}"));

  static final List<Option<?>> ALL =
      List.of(
          TYPE,
          IOPS,
          THROUGHPUT,
          ENCRYPTED,
          KMS_KEY_ID,
          INITIALIZATION_RATE,
          ZONE,
          TAGS,
          BlockOptions.VOLUME_ID.settling(
              CommonOptions.SIZE,
              BlockOptions.FS_TYPE,
              BlockOptions.BLOCK_SIZE,
              BlockOptions.INODE_SIZE,
              TYPE,
              IOPS,
              THROUGHPUT,
              ENCRYPTED,
              KMS_KEY_ID,
              INITIALIZATION_RATE,
              ZONE));

  private EbsOptions() {}
}
