package dev.berth.backend.s3;

import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionByDefault;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;
import software.amazon.awssdk.services.s3.model.Tag;

/** Makes buckets, and takes back one that a failed create had made. */
final class Buckets {
  private static final Logger LOG = Logger.getLogger(Buckets.class);
  private static final String NAME_TAG = "berth:volume";
  private static final String ID_TAG = "berth:volume-id";
  private final S3Access access;
  private final Preflight preflight;

  Buckets(S3Access access, Preflight preflight) {
    this.access = access;
    this.preflight = preflight;
  }

  /**
   * Makes the volume's bucket, closed to the public, encrypted as the options say, with Berth's
   * tags. There already, or made for another volume meanwhile: it is used as it is; made by an
   * earlier, failed call: that call is completed.
   */
  void ensure(S3Target target, Volume volume) {
    boolean missing = !preflight.bucketExists(target);
    if (missing) {
      create(target);
      Progress.reached(S3Step.BUCKET_CREATED);
    }
    Map<String, String> tags = tags(target);
    boolean ours = volume.id().value().equals(tags.get(ID_TAG));
    if (missing && !tags.containsKey(ID_TAG)) {
      tag(target, volume, tags);
      ours = true;
    }
    if (ours) {
      ifKnown(target, Permission.BLOCK_PUBLIC_ACCESS, () -> blockPublicAccess(target));
      if (volume.options().find(S3Options.SSE).isPresent()) {
        ifKnown(target, Permission.PUT_ENCRYPTION, () -> encrypt(target, volume));
      }
      Progress.reached(S3Step.BUCKET_SET_UP);
    }
  }

  private void create(S3Target target) {
    CreateBucketRequest.Builder request =
        CreateBucketRequest.builder().bucket(target.location().bucket());
    Region region = target.store().region();
    if (!region.equals(Region.US_EAST_1)) {
      request.createBucketConfiguration(where -> where.locationConstraint(region.id()));
    }
    try {
      client(target).createBucket(request.build());
    } catch (SdkException e) {
      if (!S3Errors.isOwnBucket(e)) {
        throw S3Errors.translated(target, Permission.CREATE_BUCKET, e);
      }
    }
  }

  /** S3 takes tags only all at once. */
  private void tag(S3Target target, Volume volume, Map<String, String> others) {
    Map<String, String> all = new TreeMap<>(others);
    all.put(NAME_TAG, volume.name().value());
    all.put(ID_TAG, volume.id().value());
    List<Tag> set = all.entrySet().stream().map(Buckets::tag).toList();
    ifKnown(
        target,
        Permission.PUT_TAGS,
        () ->
            client(target)
                .putBucketTagging(
                    request ->
                        request
                            .bucket(target.location().bucket())
                            .tagging(tagging -> tagging.tagSet(set))));
  }

  private void blockPublicAccess(S3Target target) {
    client(target)
        .putPublicAccessBlock(
            request ->
                request
                    .bucket(target.location().bucket())
                    .publicAccessBlockConfiguration(
                        all ->
                            all.blockPublicAcls(true)
                                .ignorePublicAcls(true)
                                .blockPublicPolicy(true)
                                .restrictPublicBuckets(true)));
  }

  private void encrypt(S3Target target, Volume volume) {
    ServerSideEncryptionByDefault.Builder by =
        ServerSideEncryptionByDefault.builder()
            .sseAlgorithm(volume.options().require(S3Options.SSE).word());
    volume.options().find(S3Options.KMS_KEY_ID).ifPresent(by::kmsMasterKeyID);
    ServerSideEncryptionRule rule =
        ServerSideEncryptionRule.builder().applyServerSideEncryptionByDefault(by.build()).build();
    client(target)
        .putBucketEncryption(
            request ->
                request
                    .bucket(target.location().bucket())
                    .serverSideEncryptionConfiguration(
                        configuration -> configuration.rules(List.of(rule))));
  }

  /** Stores other than AWS need not know everything that makes a bucket safer. */
  private static void ifKnown(S3Target target, Permission permission, Runnable call) {
    try {
      call.run();
    } catch (SdkException e) {
      if (target.store().endpoint().isEmpty() || !S3Errors.unknownToStore(e)) {
        throw S3Errors.translated(target, permission, e);
      }
      LOG.infof("%s does not know %s", target.store(), permission.on(target));
    }
  }

  /**
   * Deletes the bucket if it was made for this volume and is empty, else nothing; S3 itself refuses
   * to delete one that is not.
   */
  void takeBack(S3Target target, Volume volume) {
    if (!volume.id().value().equals(tags(target).get(ID_TAG))) {
      return;
    }
    try {
      client(target).deleteBucket(request -> request.bucket(target.location().bucket()));
      Progress.reached(S3Step.BUCKET_DELETED);
    } catch (AwsServiceException e) {
      if (!S3Errors.code(e).equals("BucketNotEmpty") && !S3Errors.isNoSuchBucket(e)) {
        throw S3Errors.translated(target, Permission.DELETE_BUCKET, e);
      }
    } catch (SdkException e) {
      throw S3Errors.translated(target, Permission.DELETE_BUCKET, e);
    }
  }

  /** Empty also if they may not be read. */
  private Map<String, String> tags(S3Target target) {
    Map<String, String> tags = new TreeMap<>();
    try {
      client(target)
          .getBucketTagging(request -> request.bucket(target.location().bucket()))
          .tagSet()
          .forEach(tag -> tags.put(tag.key(), tag.value()));
    } catch (SdkException e) {
      LOG.debugf(e, "the tags of the bucket %s", target.location().bucket());
    }
    return tags;
  }

  private static Tag tag(Map.Entry<String, String> tag) {
    return Tag.builder().key(tag.getKey()).value(tag.getValue()).build();
  }

  private S3Client client(S3Target target) {
    return access.client(target.store(), target.source());
  }
}
