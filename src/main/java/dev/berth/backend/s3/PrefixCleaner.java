package dev.berth.backend.s3;

import dev.berth.volume.Progress;
import dev.berth.volume.VolumeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Deletes all that is under a prefix: objects, their versions, and uploads that were never ended.
 */
final class PrefixCleaner {
  private static final Logger LOG = Logger.getLogger(PrefixCleaner.class);
  private static final int BATCH = 1000;
  private static final int SERVER_ERROR = 500;

  /** A batch of deletions may take long, and so may a page of a large bucket. */
  private static final AwsRequestOverrideConfiguration PATIENT =
      AwsRequestOverrideConfiguration.builder()
          .apiCallTimeout(Duration.ofMinutes(2))
          .apiCallAttemptTimeout(Duration.ofMinutes(1))
          .build();

  private final S3Access access;

  PrefixCleaner(S3Access access) {
    this.access = access;
  }

  /**
   * Deletes batch after batch until nothing is left. A failure leaves what was not deleted yet, and
   * the same call goes on with that: {@link VolumeException.InProgress}, unless certainly nothing
   * was deleted, by this call or an earlier one ({@code begun}). No bucket: nothing is left. A
   * target without a prefix is an {@link IllegalStateException}: a bucket is never emptied as a
   * whole.
   */
  void empty(S3Target target, boolean begun) {
    if (!target.location().hasPrefix()) {
      throw new IllegalStateException(target.location() + " has no prefix");
    }
    long deleted = 0;
    try {
      for (List<ObjectIdentifier> batch = next(target); !batch.isEmpty(); batch = next(target)) {
        delete(target, batch);
        deleted += batch.size();
        Progress.reached(S3Step.OBJECTS_DELETED);
      }
    } catch (VolumeException e) {
      throw begun || deleted > 0 ? partly(e) : e;
    }
    abortUploads(target);
    LOG.infof("volume %s: %d objects and versions deleted", target.volume(), deleted);
  }

  private List<ObjectIdentifier> next(S3Target target) {
    try {
      return versions(target);
    } catch (SdkException e) {
      if (S3Errors.saysNoSuchBucket(e)) {
        return List.of();
      }
      if (target.store().endpoint().isEmpty() || !S3Errors.unknownToStore(e)) {
        throw S3Errors.translated(target, Permission.LIST_VERSIONS, e);
      }
      return inBucket(target, Permission.LIST, () -> objects(target)).orElse(List.of());
    }
  }

  /** What the call returns; empty if there is no bucket any more. */
  private static <T> Optional<T> inBucket(
      S3Target target, Permission permission, Supplier<T> call) {
    try {
      return Optional.of(call.get());
    } catch (SdkException e) {
      if (S3Errors.saysNoSuchBucket(e)) {
        return Optional.empty();
      }
      throw S3Errors.translated(target, permission, e);
    }
  }

  private List<ObjectIdentifier> versions(S3Target target) {
    ListObjectVersionsResponse page =
        client(target)
            .listObjectVersions(
                request ->
                    request
                        .bucket(target.location().bucket())
                        .prefix(target.location().prefix())
                        .maxKeys(BATCH)
                        .overrideConfiguration(PATIENT));
    return Stream.concat(
            page.versions().stream().map(version -> id(version.key(), version.versionId())),
            page.deleteMarkers().stream().map(marker -> id(marker.key(), marker.versionId())))
        .toList();
  }

  /** In a store without versions. */
  private List<ObjectIdentifier> objects(S3Target target) {
    return client(target)
        .listObjectsV2(
            request ->
                request
                    .bucket(target.location().bucket())
                    .prefix(target.location().prefix())
                    .maxKeys(BATCH)
                    .overrideConfiguration(PATIENT))
        .contents()
        .stream()
        .map(object -> ObjectIdentifier.builder().key(object.key()).build())
        .toList();
  }

  private static ObjectIdentifier id(String key, String version) {
    return ObjectIdentifier.builder().key(key).versionId(version).build();
  }

  private void delete(S3Target target, List<ObjectIdentifier> batch) {
    List<S3Error> errors = asked(target, batch);
    if (errors.isEmpty()) {
      return;
    }
    S3Error first = errors.getFirst();
    VolumeException.Failed failed =
        new VolumeException.Failed(
            "volume %s at %s: %d of %d objects could not be deleted, the first of them %s: %s %s. Needed are %s and %s"
                .formatted(
                    target.volume(),
                    target.location(),
                    errors.size(),
                    batch.size(),
                    first.key(),
                    first.code(),
                    first.message(),
                    Permission.DELETE.on(target),
                    Permission.DELETE_VERSION.on(target)));
    throw errors.size() < batch.size() ? partly(failed) : failed;
  }

  /**
   * What could not be deleted; where the store did not say no, all of it may be, and where it did
   * after a try whose answer was lost.
   */
  private List<S3Error> asked(S3Target target, List<ObjectIdentifier> batch) {
    try {
      return inBucket(target, Permission.DELETE_VERSION, () -> deleteObjects(target, batch))
          .map(DeleteObjectsResponse::errors)
          .orElse(List.of());
    } catch (VolumeException e) {
      boolean refused =
          e.getCause() instanceof AwsServiceException said
              && said.statusCode() < SERVER_ERROR
              && said.numAttempts() <= 1;
      throw refused ? e : partly(e);
    }
  }

  private DeleteObjectsResponse deleteObjects(S3Target target, List<ObjectIdentifier> batch) {
    return client(target)
        .deleteObjects(
            request ->
                request
                    .bucket(target.location().bucket())
                    .delete(all -> all.objects(batch).quiet(true))
                    .overrideConfiguration(PATIENT));
  }

  private static VolumeException partly(VolumeException e) {
    return e instanceof VolumeException.InProgress
        ? e
        : new VolumeException.InProgress(
            e.getMessage() + ". Some of its objects may be deleted by now", e);
  }

  private void abortUploads(S3Target target) {
    try {
      client(target)
          .listMultipartUploadsPaginator(
              request ->
                  request.bucket(target.location().bucket()).prefix(target.location().prefix()))
          .uploads()
          .forEach(
              upload ->
                  client(target)
                      .abortMultipartUpload(
                          request ->
                              request
                                  .bucket(target.location().bucket())
                                  .key(upload.key())
                                  .uploadId(upload.uploadId())));
    } catch (SdkException e) {
      // What was never completed shows nowhere and costs little; it must not keep a volume alive.
      LOG.infof(
          "volume %s: unfinished uploads could not be looked for: %s",
          target.volume(), e.getMessage());
    }
  }

  private S3Client client(S3Target target) {
    return access.client(target.store(), target.source());
  }
}
