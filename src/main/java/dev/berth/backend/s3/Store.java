package dev.berth.backend.s3;

import dev.berth.volume.VolumeOptions;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.regions.Region;

/**
 * The S3 that is spoken to.
 *
 * @param endpoint empty for AWS itself
 * @param pathStyle whether the bucket is in the path of URLs instead of in the host's name
 */
record Store(Optional<URI> endpoint, Region region, boolean pathStyle) {
  private static final Region FIRST = Region.US_EAST_1;

  /** What the options say; without a region, {@code hint}, else where S3 began. */
  static Store of(VolumeOptions options, Optional<String> hint) {
    return new Store(
        options.find(S3Options.ENDPOINT),
        options.find(S3Options.REGION).or(() -> hint).map(Region::of).orElse(FIRST),
        options.find(S3Options.PATH_STYLE).orElse(false));
  }

  Store in(Region other) {
    return new Store(endpoint, other, pathStyle);
  }

  /** The ARN of a bucket, or of what is in it with {@code "bucket/…"}. */
  String arn(String resource) {
    return "arn:%s:s3:::%s".formatted(region.metadata() == null ? "aws" : partition(), resource);
  }

  private String partition() {
    return region.metadata().partition().id();
  }

  /** For people: the endpoint, or S3 in its region. */
  @Override
  public String toString() {
    return endpoint.map(URI::toString).orElse("S3 in " + region);
  }
}
