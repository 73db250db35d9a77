package dev.berth.backend.s3;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Asks S3, with the volume's own credentials, whether the volume can work: a FUSE client would
 * mount without a word and fail at the first file. Each call ends, with an error, within 8 seconds
 * even if the store is out of reach.
 */
final class Preflight {
  private static final String TRIAL = ".berth-trial";
  private static final int LOOKED_AT = 3;

  /** Metadata of s3fs, of s3sync and of Google's tools, which s3fs understands. */
  private static final Set<String> PERMISSIONS =
      Set.of("mode", "permissions", "goog-reserved-posix-mode");

  private final S3Access access;

  Preflight(S3Access access) {
    this.access = access;
  }

  /**
   * Lists one object, and finds the region of the bucket on the way: a redirect is followed unless
   * {@code fixedRegion}, when it is {@link VolumeException.Invalid}. No bucket, no right to list
   * it, no answer: {@link VolumeException.Failed}.
   *
   * @return the target in the region in which its bucket is
   */
  S3Target checkReadable(S3Target target, boolean fixedRegion) {
    try {
      listOne(target);
      return target;
    } catch (SdkException e) {
      Optional<Region> other =
          S3Errors.otherRegion(e).filter(region -> !region.equals(target.store().region()));
      if (other.isEmpty()) {
        throw S3Errors.translated(target, Permission.LIST, e);
      }
      if (fixedRegion) {
        throw new VolumeException.Invalid(
            "volume %s: the bucket %s is in %s, not in %s; give region=%s, or leave region out"
                .formatted(
                    target.volume(),
                    target.location().bucket(),
                    other.get(),
                    target.store().region(),
                    other.get()),
            e);
      }
      S3Target moved = target.in(other.get());
      S3Errors.translating(moved, Permission.LIST, () -> listOne(moved));
      return moved;
    }
  }

  /** Whether there is a bucket, whoever it belongs to; errors as in {@link #checkReadable}. */
  boolean bucketExists(S3Target target) {
    try {
      listOne(target);
      return true;
    } catch (SdkException e) {
      if (S3Errors.isNoSuchBucket(e)) {
        return false;
      }
      if (S3Errors.otherRegion(e).isPresent()) {
        return true;
      }
      throw S3Errors.translated(target, Permission.LIST, e);
    }
  }

  /**
   * Why the store of a mounted volume is of no use now; empty if it answers. Asked often, so by the
   * cheapest request that AWS has; only a list says why it refuses.
   *
   * @param keys to ask with; empty for those that the volume's source gives now
   */
  Optional<String> trouble(S3Target target, Optional<AwsCredentials> keys) {
    try {
      var _ =
          client(target)
              .headBucket(
                  request ->
                      request
                          .bucket(target.location().bucket())
                          .overrideConfiguration(with -> keys.ifPresent(use(with))));
      return Optional.empty();
    } catch (AwsServiceException e) {
      return listTrouble(target, keys);
    } catch (SdkException e) {
      return Optional.of(S3Errors.translated(target, Permission.LIST, e).getMessage());
    } catch (VolumeException e) {
      return Optional.of("volume %s: %s".formatted(target.volume(), e.getMessage()));
    }
  }

  private static Consumer<AwsCredentials> use(AwsRequestOverrideConfiguration.Builder request) {
    return keys -> request.credentialsProvider(StaticCredentialsProvider.create(keys));
  }

  /** A policy may allow to list the volume's prefix and nothing else of the bucket. */
  private Optional<String> listTrouble(S3Target target, Optional<AwsCredentials> keys) {
    try {
      S3Errors.translating(target, Permission.LIST, () -> listOne(target, keys));
      return Optional.empty();
    } catch (VolumeException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Whether there is no object at the target yet. */
  boolean isEmpty(S3Target target) {
    return S3Errors.translating(target, Permission.LIST, () -> listOne(target))
        .contents()
        .isEmpty();
  }

  /**
   * Whether there are objects at the target, and the first few bear no permissions as {@code s3fs}
   * notes them: other programs wrote them. An object that cannot be looked at is none of those.
   */
  boolean hasObjectsOfOtherPrograms(S3Target target) {
    List<String> keys =
        S3Errors.translating(
                target, Permission.LIST, () -> list(target, LOOKED_AT, Optional.empty()))
            .contents()
            .stream()
            .map(S3Object::key)
            .toList();
    return !keys.isEmpty() && keys.stream().noneMatch(key -> mayBearPermissions(target, key));
  }

  private boolean mayBearPermissions(S3Target target, String key) {
    try {
      return client(target)
          .headObject(request -> request.bucket(target.location().bucket()).key(key))
          .metadata()
          .keySet()
          .stream()
          .anyMatch(PERMISSIONS::contains);
    } catch (SdkException e) {
      return true;
    }
  }

  /** Whether there is no object in the whole bucket. */
  boolean isBucketEmpty(S3Target target) {
    return S3Errors.translating(
            target,
            Permission.LIST,
            () ->
                client(target)
                    .listObjectsV2(
                        request -> request.bucket(target.location().bucket()).maxKeys(1)))
        .contents()
        .isEmpty();
  }

  private ListObjectsV2Response listOne(S3Target target) {
    return listOne(target, Optional.empty());
  }

  private ListObjectsV2Response listOne(S3Target target, Optional<AwsCredentials> keys) {
    return list(target, 1, keys);
  }

  private ListObjectsV2Response list(S3Target target, int most, Optional<AwsCredentials> keys) {
    return client(target)
        .listObjectsV2(
            request ->
                request
                    .bucket(target.location().bucket())
                    .prefix(target.location().prefix())
                    .maxKeys(most)
                    .overrideConfiguration(with -> keys.ifPresent(use(with))));
  }

  /**
   * Writes an empty and a small object, as the volume's files will be written, and deletes both:
   * stores and policies are known to take the one and not the other. An object that may be written
   * but not deleted is left, if deleting is not wanted.
   */
  void checkWritable(S3Target target, VolumeOptions options) {
    for (byte[] content : new byte[][] {{}, {'b', 'e', 'r', 't', 'h'}}) {
      put(target, options, TRIAL, content);
      Progress.reached(S3Step.WRITE_TRIED);
    }
    if (options.find(S3Options.ALLOW_DELETE).orElse(true)) {
      S3Errors.translating(
          target,
          Permission.DELETE,
          () ->
              client(target)
                  .deleteObject(
                      request ->
                          request
                              .bucket(target.location().bucket())
                              .key(target.location().prefix() + TRIAL)));
    }
  }

  /**
   * As {@link #checkWritable}, but nothing appears that other hosts, which may have the volume
   * mounted, could see: an upload is begun and given up.
   */
  void checkStillWritable(S3Target target, VolumeOptions options) {
    String key = target.location().prefix() + TRIAL;
    String upload =
        S3Errors.translating(
            target,
            Permission.PUT,
            () ->
                client(target)
                    .createMultipartUpload(
                        request -> {
                          request.bucket(target.location().bucket()).key(key);
                          options
                              .find(S3Options.STORAGE_CLASS)
                              .ifPresent(of -> request.storageClass(of.name()));
                          options
                              .find(S3Options.SSE)
                              .ifPresent(sse -> request.serverSideEncryption(sse.word()));
                          options.find(S3Options.KMS_KEY_ID).ifPresent(request::ssekmsKeyId);
                        })
                    .uploadId());
    abort(target, key, upload);
  }

  /** An upload that is gone already is given up. */
  private void abort(S3Target target, String key, String upload) {
    try {
      var _ =
          client(target)
              .abortMultipartUpload(
                  request -> request.bucket(target.location().bucket()).key(key).uploadId(upload));
    } catch (SdkException e) {
      if (!S3Errors.isNoSuchUpload(e)) {
        throw S3Errors.translated(target, Permission.ABORT_UPLOAD, e);
      }
    }
  }

  /** Writes a small object below the volume's prefix. */
  void put(S3Target target, VolumeOptions options, String name, byte[] content) {
    S3Errors.translating(
        target,
        Permission.PUT,
        () ->
            client(target)
                .putObject(
                    request -> {
                      request
                          .bucket(target.location().bucket())
                          .key(target.location().prefix() + name);
                      options
                          .find(S3Options.STORAGE_CLASS)
                          .ifPresent(of -> request.storageClass(of.name()));
                      options
                          .find(S3Options.SSE)
                          .ifPresent(sse -> request.serverSideEncryption(sse.word()));
                      options.find(S3Options.KMS_KEY_ID).ifPresent(request::ssekmsKeyId);
                    },
                    RequestBody.fromBytes(content)));
  }

  private S3Client client(S3Target target) {
    return access.client(target.store(), target.source());
  }
}
