package dev.berth.backend.ebs;

import static dev.berth.backend.ebs.EbsOptions.ENCRYPTED;
import static dev.berth.backend.ebs.EbsOptions.INITIALIZATION_RATE;
import static dev.berth.backend.ebs.EbsOptions.IOPS;
import static dev.berth.backend.ebs.EbsOptions.KMS_KEY_ID;
import static dev.berth.backend.ebs.EbsOptions.TAGS;
import static dev.berth.backend.ebs.EbsOptions.THROUGHPUT;
import static dev.berth.backend.ebs.EbsOptions.TYPE;
import static dev.berth.backend.ebs.EbsOptions.ZONE;
import static dev.berth.volume.CommonOptions.ON_REMOVE;
import static dev.berth.volume.CommonOptions.SIZE;

import dev.berth.backend.block.BlockOptions;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Option;
import dev.berth.volume.Shown;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Which options of an EBS volume go together, and what the ones left open become. */
final class EbsOptionRules {
  private static final long GIB = 1L << 30;
  private static final int MOST_TAGS = 40;
  private static final Pattern TAG_KEY =
      Pattern.compile("(?!aws:|" + EbsTags.PREFIX + ")[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}");

  private EbsOptionRules() {}

  /** EBS counts in GiB; whatever is asked for comes out as the next whole number of them. */
  static int gib(VolumeOptions options) {
    return Math.clamp((options.require(SIZE).bytes() - 1) / GIB + 1, 0, Integer.MAX_VALUE);
  }

  /**
   * A volume that is to be made of nothing or of a snapshot.
   *
   * @param zone this host's, asked for only if the options leave it open
   */
  static VolumeOptions completeNew(VolumeOptions given, Supplier<String> zone) {
    VolumeOptions typed = given.with(TYPE, given.find(TYPE).orElse(VolumeType.GP3));
    check(typed);
    VolumeOptions sized = typed.with(SIZE, ByteSize.ofGiB(gib(typed)));
    return sized.find(ZONE).isPresent() ? sized : sized.with(ZONE, zone.get());
  }

  /** A copy of {@code source}, which EBS makes in the zone of that volume. */
  static VolumeOptions completeClone(VolumeOptions given, Volume source) {
    VolumeOptions of = source.options();
    String zone = of.require(ZONE);
    if (given.find(ZONE).filter(wanted -> !wanted.equals(zone)).isPresent()) {
      throw new VolumeException.Invalid(
          "volume %s is in %s, and so is any clone of it; make a snapshot, and of that a volume in %s"
              .formatted(source.name(), zone, given.require(ZONE)));
    }
    VolumeOptions typed =
        given.find(TYPE).isPresent() || of.find(TYPE).isEmpty()
            ? given
            : inherit(given.with(TYPE, of.require(TYPE)), of);
    return completeNew(typed, () -> zone);
  }

  /** io1 and io2 volumes cannot do without IOPS. */
  private static VolumeOptions inherit(VolumeOptions given, VolumeOptions of) {
    return given.find(IOPS).isEmpty() && of.find(IOPS).isPresent()
        ? given.with(IOPS, of.require(IOPS))
        : given;
  }

  /**
   * A volume that is there already. It keeps what it has, and it stays when its Docker volume is
   * removed: Berth did not make it. One whose tags say that it is another's is refused.
   *
   * @param mayDelete whether it may be deleted if the user says so
   */
  static VolumeOptions completeExisting(VolumeOptions given, CloudVolume found, boolean mayDelete) {
    EbsTags.owner(found.tags())
        .ifPresent(
            tag -> {
              throw new VolumeException.Refused(
                  "volume %s is not adopted: by its tag %s=%s it belongs to %s. If it is free, delete the tag: aws ec2 delete-tags --resources %s --tags 'Key=%s'"
                      .formatted(
                          found.id(),
                          tag.key(),
                          Shown.of(tag.value()),
                          tag.owner(),
                          found.id(),
                          tag.key()));
            });
    if (found.lost()) {
      throw new VolumeException.Invalid("volume %s is %s".formatted(found.id(), found.state()));
    }
    if (found.multiAttach()) {
      throw new VolumeException.Invalid(
          "volume %s can be attached to many instances at once, which an ordinary filesystem does not survive"
              .formatted(found.id()));
    }
    refuseChanges(given, found);
    OnRemove onRemove = given.find(ON_REMOVE).orElse(OnRemove.RETAIN);
    if (onRemove != OnRemove.RETAIN && !mayDelete) {
      throw new VolumeException.Invalid(
          "volume %s exists, and Berth deletes only what it made: leave onRemove=%s out, and the volume stays, or set berth.ebs.delete-adopted=true on this host"
              .formatted(found.id(), ON_REMOVE.printer().apply(onRemove)));
    }
    VolumeOptions complete =
        given
            .with(SIZE, ByteSize.ofGiB(found.sizeGiB()))
            .with(ZONE, found.zone())
            .with(ON_REMOVE, onRemove);
    return VolumeType.of(found.type()).map(type -> complete.with(TYPE, type)).orElse(complete);
  }

  private static void refuseChanges(VolumeOptions given, CloudVolume found) {
    refuseOther(given, SIZE, ByteSize.ofGiB(found.sizeGiB()), found);
    refuseOther(given, ZONE, found.zone(), found);
    VolumeType.of(found.type()).ifPresent(type -> refuseOther(given, TYPE, type, found));
    for (Option<?> option : List.of(IOPS, THROUGHPUT, ENCRYPTED, KMS_KEY_ID, INITIALIZATION_RATE)) {
      if (given.find(option).isPresent()) {
        throw new VolumeException.Invalid(
            "volume %s exists, and %s belongs to making one; leave it out"
                .formatted(found.id(), option.name()));
      }
    }
    if (!given.family(TAGS).isEmpty()) {
      throw new VolumeException.Invalid(
          "volume %s exists, and keeps the tags it has; leave tags out".formatted(found.id()));
    }
  }

  private static <T> void refuseOther(
      VolumeOptions given, Option<T> option, T actual, CloudVolume found) {
    if (given.find(option).filter(wanted -> !wanted.equals(actual)).isPresent()) {
      throw new VolumeException.Invalid(
          "volume %s has %s=%s; leave %s out"
              .formatted(found.id(), option.name(), option.printer().apply(actual), option.name()));
    }
  }

  private static void check(VolumeOptions options) {
    VolumeType type = options.require(TYPE);
    type.check(gib(options), options.find(IOPS), options.find(THROUGHPUT));
    if (options.find(BlockOptions.VOLUME_ID).isEmpty()) {
      type.requireIops(gib(options), options.find(IOPS));
    }
    Optional<Boolean> encrypted = options.find(ENCRYPTED);
    if (encrypted.isPresent() && !encrypted.get() && options.find(KMS_KEY_ID).isPresent()) {
      throw new VolumeException.Invalid("kmsKeyId is of no use with encrypted=false");
    }
    if (options.find(INITIALIZATION_RATE).isPresent()
        && options.find(BlockOptions.SNAPSHOT_ID).isEmpty()) {
      throw new VolumeException.Invalid(
          "volumeInitializationRate is for volumes made of a snapshot (snapshotId)");
    }
    checkTags(options);
  }

  private static void checkTags(VolumeOptions options) {
    var tags = options.family(TAGS);
    for (String key : tags.keySet()) {
      if (!TAG_KEY.matcher(key).matches()) {
        throw new VolumeException.Invalid(
            "'%s' is not the key of a tag: 1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws: or %s"
                .formatted(key, EbsTags.PREFIX));
      }
    }
    if (tags.size() > MOST_TAGS) {
      throw new VolumeException.Invalid(
          "%d tags are too many; %d are allowed".formatted(tags.size(), MOST_TAGS));
    }
  }
}
