package dev.berth.backend.s3;

import static dev.berth.backend.s3.S3Options.ENDPOINT;
import static dev.berth.backend.s3.S3Options.KMS_KEY_ID;
import static dev.berth.backend.s3.S3Options.PATH_STYLE;
import static dev.berth.backend.s3.S3Options.SSE;

import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Which options of a volume in S3 go together, and what the ones left open become. */
final class S3OptionRules {
  private S3OptionRules() {}

  /** Everything but the client and the region, which have to be looked for. */
  static VolumeOptions complete(VolumeName name, VolumeOptions given, S3Config.Store config) {
    VolumeOptions located = locate(name, given, config);
    Optional<URI> endpoint =
        located.find(ENDPOINT).or(() -> config.endpoint().map(ENDPOINT.parser()));
    boolean pathStyle = located.find(PATH_STYLE).or(config::pathStyle).orElse(endpoint.isPresent());
    VolumeOptions stored = located.with(PATH_STYLE, pathStyle);
    if (endpoint.isPresent()) {
      stored = stored.with(ENDPOINT, endpoint.get());
    }
    OnRemove onRemove = stored.find(CommonOptions.ON_REMOVE).orElse(OnRemove.RETAIN);
    checkOnRemove(name, onRemove, Location.of(stored));
    checkEncryption(name, stored);
    return stored.with(CommonOptions.ON_REMOVE, onRemove);
  }

  private static VolumeOptions locate(VolumeName name, VolumeOptions given, S3Config.Store config) {
    if (given.find(S3Options.BUCKET).isPresent()) {
      return given;
    }
    String shared =
        config
            .bucket()
            .map(S3Options.BUCKET.parser())
            .orElseThrow(
                () ->
                    new VolumeException.Invalid(
                        "volume %s: give bucket=NAME, or set berth.s3.bucket to a bucket in which each volume gets a prefix of its own"
                            .formatted(name)));
    VolumeOptions located = given.with(S3Options.BUCKET, shared);
    return located.find(S3Options.PREFIX).isPresent()
        ? located
        : located.with(S3Options.PREFIX, S3Options.PREFIX.parser().apply(name.value()));
  }

  private static void checkOnRemove(VolumeName name, OnRemove onRemove, Location location) {
    switch (onRemove) {
      case RETAIN -> {}
      case DELETE -> {
        if (!location.hasPrefix()) {
          throw new VolumeException.Invalid(
              "volume %s: onRemove=delete needs a prefix of the volume's own: the bucket %s is never emptied as a whole"
                  .formatted(name, location.bucket()));
        }
      }
      case SNAPSHOT ->
          throw new VolumeException.Invalid(
              "volume %s: volumes in S3 have no snapshots; give onRemove=retain or onRemove=delete"
                  .formatted(name));
    }
  }

  private static void checkEncryption(VolumeName name, VolumeOptions options) {
    boolean kms = options.find(SSE).filter(sse -> sse != Encryption.AES256).isPresent();
    if (options.find(KMS_KEY_ID).isPresent() && !kms) {
      throw new VolumeException.Invalid(
          "volume %s: kmsKeyId goes with sse=aws:kms or sse=aws:kms:dsse".formatted(name));
    }
  }

  /**
   * Refuses a volume that another one could delete, or that could delete another one: of two that
   * overlap, none may have {@code onRemove=delete}. Endpoints do not count: two of them may be
   * names of one store.
   */
  static void checkNeighbours(VolumeName name, VolumeOptions options, List<Volume> all) {
    Location own = Location.of(options);
    for (Volume other : all) {
      boolean neighbour =
          other.backend().equals(S3Options.BACKEND)
              && !other.name().equals(name)
              && Location.of(other.options()).overlaps(own);
      if (neighbour && (deletes(options) || deletes(other.options()))) {
        throw new VolumeException.Conflict(
            "volume %s at %s overlaps volume %s at %s, and onRemove=delete of the one would delete objects of the other; give another prefix"
                .formatted(name, own, other.name(), Location.of(other.options())));
      }
    }
  }

  /**
   * Refuses, as {@link VolumeException.Refused}, to delete the objects of a volume that was not
   * made with {@code onRemove=delete} and a prefix.
   */
  static void requireDeletable(Volume volume) {
    if (!deletes(volume.options()) || !Location.of(volume.options()).hasPrefix()) {
      throw new VolumeException.Refused(
          "volume %s: its objects in %s are not deleted: it was not created with onRemove=delete and a prefix"
              .formatted(volume.name(), Location.of(volume.options())));
    }
  }

  private static boolean deletes(VolumeOptions options) {
    return options.find(CommonOptions.ON_REMOVE).filter(OnRemove.DELETE::equals).isPresent();
  }
}
