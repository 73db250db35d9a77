package dev.berth.backend.s3;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.util.Optional;
import software.amazon.awssdk.regions.Region;

/** What a volume is in S3: where its objects are, and with whose rights they are reached. */
record S3Target(VolumeName volume, Location location, Store store, CredentialSource source) {
  static S3Target of(VolumeName name, VolumeOptions options, Optional<String> regionHint) {
    return new S3Target(
        name, Location.of(options), Store.of(options, regionHint), CredentialSource.of(options));
  }

  static S3Target of(Volume volume) {
    return of(volume.name(), volume.options(), Optional.empty());
  }

  S3Target in(Region region) {
    return new S3Target(volume, location, store.in(region), source);
  }
}
