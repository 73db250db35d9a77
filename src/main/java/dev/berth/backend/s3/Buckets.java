package dev.berth.backend.s3;

import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
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
  private static final Set<String> UNSETTLED = Set.of("OperationAborted", "NoSuchBucket");
  private static final Duration SETTLES = Duration.ofSeconds(10);
  private static final Duration BETWEEN = Duration.ofMillis(500);
  private static final int LOCKS = 16;

  private final S3Access access;
  private final Preflight preflight;

  /** One for each bucket, and some that have the same. */
  private final ReentrantLock[] locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

  Buckets(S3Access access, Preflight preflight) {
    this.access = access;
    this.preflight = preflight;
  }

  /**
   * Makes the volume's bucket, closed to the public, encrypted as the options say, with Berth's
   * tags. There already with the tags of another volume: it is used as it is. There with this
   * volume's, or, as a crash may leave it, empty and with none: an earlier call is completed. It
   * cannot be set up so: what this call made is deleted again, or the next call would find a bucket
   * and take it as it is.
   *
   * <p>Of several calls for one bucket in this process, each begins when the one before it is over.
   * Of several hosts the one that writes its tags last has the bucket.
   *
   * @param volume for which there was no bucket when it was prepared: its row in the ledger says so
   */
  void ensure(S3Target target, Volume volume) {
    alone(target, () -> ensureAlone(target, volume));
  }

  private void ensureAlone(S3Target target, Volume volume) {
    boolean missing = !preflight.bucketExists(target);
    boolean made = missing && create(target);
    if (missing) {
      Progress.reached(S3Step.BUCKET_CREATED);
    }
    try {
      setUp(target, volume, missing);
    } catch (VolumeException e) {
      throw made ? takenBack(target, volume, e) : e;
    }
  }

  private void alone(S3Target target, Runnable work) {
    ReentrantLock lock = locks[Math.floorMod(target.location().bucket().hashCode(), locks.length)];
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private void setUp(S3Target target, Volume volume, boolean isNew) {
    Optional<Map<String, String>> found = tags(target);
    Map<String, String> tags = found.orElse(Map.of());
    boolean owned = tags.containsKey(ID_TAG);
    boolean adopted = !isNew && !owned && found.isPresent() && preflight.isBucketEmpty(target);
    if (adopted) {
      LOG.infof(
          "volume %s: the bucket %s, which is empty and has no tags of Berth, is the one that was"
              + " to be made for it",
          volume.name(), target.location().bucket());
    }
    boolean untagged = adopted || (isNew && !owned);
    if (untagged) {
      tag(target, volume, tags);
      Progress.reached(S3Step.BUCKET_TAGGED);
    }
    if (untagged ? !isOfAnother(target, volume) : isOf(volume, tags)) {
      ifKnown(target, Permission.BLOCK_PUBLIC_ACCESS, () -> blockPublicAccess(target));
      if (volume.options().find(S3Options.SSE).isPresent()) {
        ifKnown(target, Permission.PUT_ENCRYPTION, () -> encrypt(target, volume));
      }
      Progress.reached(S3Step.BUCKET_SET_UP);
    }
  }

  /** Another host may have written its tags over those that were just written. */
  private boolean isOfAnother(S3Target target, Volume volume) {
    return tags(target).filter(now -> now.containsKey(ID_TAG) && !isOf(volume, now)).isPresent();
  }

  private VolumeException takenBack(S3Target target, Volume volume, VolumeException why) {
    Optional<Map<String, String>> tags = tags(target);
    if (tags.isEmpty()) {
      return left(why, "its tags cannot be read, so it may be another volume's");
    }
    if (!tags.get().containsKey(ID_TAG) || isOf(volume, tags.get())) {
      try {
        delete(target);
      } catch (VolumeException e) {
        return left(why, e.getMessage());
      }
    }
    return why;
  }

  private static VolumeException left(VolumeException why, String because) {
    return new VolumeException.Failed(
        "%s; the new bucket stays without it, delete it before the next try: %s"
            .formatted(why.getMessage(), because),
        why);
  }

  /** Whether there was none, or it cannot be told. */
  private boolean create(S3Target target) {
    CreateBucketRequest.Builder request =
        CreateBucketRequest.builder().bucket(target.location().bucket());
    Region region = target.store().region();
    if (!region.equals(Region.US_EAST_1)) {
      request.createBucketConfiguration(where -> where.locationConstraint(region.id()));
    }
    try {
      patiently(() -> client(target).createBucket(request.build()));
      return true;
    } catch (SdkException e) {
      if (!S3Errors.isOwnBucket(e)) {
        throw S3Errors.translated(target, Permission.CREATE_BUCKET, e);
      }
      return false;
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
      patiently(call);
    } catch (SdkException e) {
      if (target.store().endpoint().isEmpty() || !S3Errors.unknownToStore(e)) {
        throw S3Errors.translated(target, permission, e);
      }
      LOG.infof("%s does not know %s", target.store(), permission.on(target));
    }
  }

  /** A bucket that was just made is busy, or not known everywhere, for a while. */
  private static void patiently(Runnable call) {
    long end = System.nanoTime() + SETTLES.toNanos();
    while (true) {
      try {
        call.run();
        return;
      } catch (AwsServiceException e) {
        if (!UNSETTLED.contains(S3Errors.code(e)) || System.nanoTime() > end || !slept()) {
          throw e;
        }
      }
    }
  }

  private static boolean slept() {
    try {
      Thread.sleep(BETWEEN);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Deletes the bucket if it was made for this volume, by its tags, and is empty, else nothing; S3
   * itself refuses to delete one that is not.
   */
  void takeBack(S3Target target, Volume volume) {
    alone(
        target,
        () -> {
          if (tags(target).filter(tags -> isOf(volume, tags)).isPresent()) {
            delete(target);
          }
        });
  }

  private static boolean isOf(Volume volume, Map<String, String> tags) {
    return volume.id().value().equals(tags.get(ID_TAG));
  }

  private void delete(S3Target target) {
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

  /** Empty if they cannot be read. */
  private Optional<Map<String, String>> tags(S3Target target) {
    Map<String, String> tags = new TreeMap<>();
    try {
      client(target)
          .getBucketTagging(request -> request.bucket(target.location().bucket()))
          .tagSet()
          .forEach(tag -> tags.put(tag.key(), tag.value()));
    } catch (SdkException e) {
      boolean none =
          S3Errors.unknownToStore(e)
              || (e instanceof AwsServiceException service
                  && S3Errors.code(service).equals("NoSuchTagSet"));
      LOG.debugf(e, "the tags of the bucket %s", target.location().bucket());
      return none ? Optional.of(tags) : Optional.empty();
    }
    return Optional.of(tags);
  }

  private static Tag tag(Map.Entry<String, String> tag) {
    return Tag.builder().key(tag.getKey()).value(tag.getValue()).build();
  }

  private S3Client client(S3Target target) {
    return access.client(target.store(), target.source());
  }
}
