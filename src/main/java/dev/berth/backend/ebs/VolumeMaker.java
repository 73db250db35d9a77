package dev.berth.backend.ebs;

import static dev.berth.backend.ebs.EbsOptions.ENCRYPTED;
import static dev.berth.backend.ebs.EbsOptions.INITIALIZATION_RATE;
import static dev.berth.backend.ebs.EbsOptions.IOPS;
import static dev.berth.backend.ebs.EbsOptions.KMS_KEY_ID;
import static dev.berth.backend.ebs.EbsOptions.THROUGHPUT;
import static dev.berth.backend.ebs.EbsOptions.TYPE;
import static dev.berth.backend.ebs.EbsOptions.ZONE;

import dev.berth.backend.block.BlockSource;
import dev.berth.backend.ebs.ec2.Backoff;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudSnapshot;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Outcome;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.backend.ebs.ec2.VolumeRequest;
import dev.berth.volume.Progress;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeId;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Makes EBS volumes, one for each {@link VolumeId} however often it is asked.
 *
 * <ol>
 *   <li>If an earlier try may have made it, it is looked for by Berth's tags.
 *   <li>EC2 is asked for it, with a token that derives from the id, and with the tags.
 *   <li>After an answer that leaves open what happened, it is looked for again.
 *   <li>It is waited for. A clone is not: what it is a copy of stays frozen until this returns.
 * </ol>
 *
 * A token that EC2 has spent on a request that failed is followed by the next one, always in the
 * same order. What a failed try has made is deleted.
 */
final class VolumeMaker {
  private static final Logger LOG = Logger.getLogger(VolumeMaker.class);
  private static final int MOST_TOKENS = 5;
  private static final int MOST_UNCLEAR = 2;

  private final EbsContext cloud;
  private final VolumeRemover remover;

  VolumeMaker(EbsContext cloud, VolumeRemover remover) {
    this.cloud = cloud;
    this.remover = remover;
  }

  /** The id of the volume's EBS volume. */
  String make(Volume volume, BlockSource source) {
    Deadline deadline = cloud.longDeadline();
    try {
      Optional<String> found = mayExist(volume) ? find(volume, deadline) : Optional.empty();
      String id = found.isPresent() ? found.get() : request(volume, source, deadline);
      finish(volume, id, source, deadline);
      return id;
    } catch (CloudException e) {
      throw EbsErrors.failed("cannot create volume " + volume.name(), e);
    }
  }

  private static boolean mayExist(Volume volume) {
    return !(volume.state() instanceof VolumeState.Creating creating) || creating.resumed() > 0;
  }

  /**
   * What is there of the volume already. Emulated clouds do not know tokens, and may have made two;
   * then it is always the same one.
   */
  Optional<String> find(Volume volume, Deadline deadline) {
    List<CloudVolume> made =
        cloud.view().volumesOf(volume.id(), deadline).stream()
            .filter(candidate -> !candidate.lost())
            .sorted(Comparator.comparing(CloudVolume::created).thenComparing(CloudVolume::id))
            .toList();
    if (made.size() > 1) {
      LOG.warnf(
          "volume %s was made more than once, %s is used: %s",
          volume.name(), made.getFirst().id(), made);
    }
    return made.stream().findFirst().map(CloudVolume::id);
  }

  private String request(Volume volume, BlockSource source, Deadline deadline) {
    VolumeRequest request = describe(volume, source);
    int spent = 0;
    int unclear = 0;
    while (true) {
      try {
        String id =
            source instanceof BlockSource.OfVolume of
                ? cloud.ec2().copyVolume(of.volume().made().ref().value(), request, deadline)
                : cloud.ec2().createVolume(request, false, deadline);
        Progress.reached(EbsStep.VOLUME_REQUESTED);
        return id;
      } catch (CloudException e) {
        switch (e.outcome()) {
          case TOKEN_SPENT, VOLUME_QUOTA, UNCLEAR -> {
            cloud.timings().backoff().pause(deadline);
            Optional<String> made = find(volume, deadline);
            if (made.isPresent()) {
              return made.get();
            }
          }
          case ABSENT -> throw sourceGone(volume, source, e);
          case WRONG_STATE -> awaitSource(volume, source, e, deadline);
          default -> throw e;
        }
        boolean again =
            switch (e.outcome()) {
              case TOKEN_SPENT -> ++spent < MOST_TOKENS;
              case UNCLEAR -> ++unclear < MOST_UNCLEAR;
              case WRONG_STATE -> true;
              default -> false;
            };
        if (!again) {
          throw source instanceof BlockSource.OfVolume && cloud.emulated() ? lacking(e) : e;
        }
        request = request.withToken(token(volume.id(), spent));
      }
    }
  }

  /** An emulated cloud that has no copies may just fail; it was looked, and there is none. */
  private static CloudException lacking(CloudException failure) {
    return new CloudException(
        Outcome.UNSUPPORTED, failure.call(), failure.code(), failure.getMessage(), failure);
  }

  private static VolumeRequest describe(Volume volume, BlockSource source) {
    VolumeOptions options = volume.options();
    Optional<String> key = options.find(KMS_KEY_ID);
    return new VolumeRequest(
        options.require(ZONE),
        EbsOptionRules.gib(options),
        options.require(TYPE).apiName(),
        options.find(IOPS),
        options.find(THROUGHPUT),
        options.find(ENCRYPTED).or(() -> key.map(id -> true)),
        key,
        source instanceof BlockSource.OfSnapshot of
            ? Optional.of(of.snapshot().id())
            : Optional.empty(),
        options.find(INITIALIZATION_RATE),
        EbsTags.ofVolume(volume),
        token(volume.id(), 0));
  }

  /**
   * The token for a volume, or the one after {@code spent} others; 64 characters, as EC2 allows.
   */
  static String token(VolumeId id, int spent) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String text = spent == 0 ? id.value() : id.value() + "-" + (spent + 1);
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static VolumeException sourceGone(
      Volume volume, BlockSource source, CloudException cause) {
    return EbsErrors.failed(
        "cannot create volume %s: its source %s is not there"
            .formatted(
                volume.name(),
                switch (source) {
                  case BlockSource.OfSnapshot of -> of.snapshot().id();
                  case BlockSource.OfVolume of -> of.volume().made().ref().value();
                  case BlockSource.Existing existing -> existing.id();
                  case BlockSource.Nothing nothing -> "(none)";
                }),
        cause);
  }

  /** A snapshot is good from its first moment, but a volume is made only of a complete one. */
  private void awaitSource(
      Volume volume, BlockSource source, CloudException cause, Deadline deadline) {
    if (!(source instanceof BlockSource.OfSnapshot(Snapshot snapshot))) {
      throw cause;
    }
    Backoff backoff = cloud.timings().backoff();
    backoff.pause(deadline);
    Poll.<CloudSnapshot>until(
        deadline,
        backoff,
        () ->
            Optional.of(cloud.view().snapshot(snapshot.id(), deadline).orElseThrow(() -> cause))
                .filter(CloudSnapshot::pending),
        last ->
            new VolumeException.Failed(
                "cannot create volume %s yet: the snapshot %s is still being completed%s; try again when it is"
                    .formatted(
                        volume.name(),
                        snapshot.id(),
                        last.map(now -> " (%s)".formatted(now.progress())).orElse("")),
                cause));
  }

  private void finish(Volume volume, String id, BlockSource source, Deadline deadline) {
    try {
      switch (source) {
        case BlockSource.OfSnapshot of -> {
          awaitAvailable(volume, id, deadline);
          cloud.devices().copied(of.snapshot().id(), id);
          Progress.reached(EbsStep.IMAGE_COPIED);
        }
        case BlockSource.OfVolume of -> {
          cloud.devices().copied(of.volume().made().ref().value(), id);
          Progress.reached(EbsStep.IMAGE_COPIED);
        }
        case BlockSource.Nothing nothing -> awaitAvailable(volume, id, deadline);
        case BlockSource.Existing existing -> {}
      }
      cloud.memory().away(id);
    } catch (VolumeException.UnknownOutcome e) {
      throw e;
    } catch (RuntimeException e) {
      if (saysNothing(e)) {
        throw unfinished(volume, id, "not seen", e);
      }
      remover.discard(id, e);
      throw e;
    }
  }

  /** A look that failed is no reason to delete what was looked at. */
  private static boolean saysNothing(RuntimeException failure) {
    return failure instanceof VolumeException.Busy
        || (failure instanceof CloudException known
            && switch (known.outcome()) {
              case NO_TIME, UNCLEAR, THROTTLED -> true;
              default -> false;
            });
  }

  private static VolumeException.UnknownOutcome unfinished(
      Volume volume, String id, String state, RuntimeException cause) {
    return new VolumeException.UnknownOutcome(
        "volume %s (%s) is still being created by EC2, its state is: %s; the same command waits for it"
            .formatted(volume.name(), id, state),
        cause);
  }

  private void awaitAvailable(Volume volume, String id, Deadline deadline) {
    Deadline visible = Deadline.in(cloud.timings().unseen());
    AtomicBoolean seen = new AtomicBoolean();
    deadline.pause(cloud.timings().firstLook());
    Poll.<String>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          Optional<CloudVolume> now = cloud.view().volume(id, deadline);
          if (now.filter(CloudVolume::usable).isPresent()) {
            return Optional.empty();
          }
          if (now.map(CloudVolume::lost).orElse(seen.get() || visible.passed())) {
            throw dropped(
                volume, id, now.map(CloudVolume::state).map(Object::toString).orElse("gone"));
          }
          now.ifPresent(shown -> seen.set(true));
          return Optional.of(
              now.map(CloudVolume::state).map(Object::toString).orElse("not shown yet"));
        },
        last ->
            unfinished(
                volume, id, last.orElse("not seen"), new IllegalStateException("time is over")));
    Progress.reached(EbsStep.VOLUME_AVAILABLE);
  }

  /** EC2 finds out that it cannot use a key only after it has said yes. */
  private static VolumeException dropped(Volume volume, String id, String state) {
    String key =
        volume
            .options()
            .find(KMS_KEY_ID)
            .map(given -> "the KMS key " + given)
            .orElse("the KMS key of the account, if it encrypts volumes by default,");
    return new VolumeException.Failed(
        "volume %s was not created: EC2 accepted %s, and now it is %s. That is what it does when %s cannot be used: check that the key is enabled in this region and that its policy gives this instance's role kms:CreateGrant, kms:GenerateDataKeyWithoutPlaintext and kms:Decrypt"
            .formatted(volume.name(), id, state, key));
  }
}
