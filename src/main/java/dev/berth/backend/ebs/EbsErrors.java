package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.Outcome;
import dev.berth.volume.VolumeException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where what EC2 did not do becomes what happened to a volume. */
final class EbsErrors {
  /** EC2 adds a kilobyte that only another call can read. */
  private static final Pattern ENCODED =
      Pattern.compile("\\s*Encoded authorization failure message:.*", Pattern.DOTALL);

  private static final Map<Outcome, String> ADVICE =
      Map.ofEntries(
          Map.entry(Outcome.QUOTA, "Ask for a higher quota, or delete what is not needed"),
          Map.entry(Outcome.VOLUME_QUOTA, "Ask for a higher quota, or delete what is not needed"),
          Map.entry(
              Outcome.MODIFIED_TOO_OFTEN,
              "EC2 takes one change of a volume after the other, and four in 24 hours: try again later"),
          Map.entry(
              Outcome.SNAPSHOT_RATE,
              "EC2 makes only a few snapshots of a volume at a time: try again when the last is complete"),
          Map.entry(
              Outcome.NO_CAPACITY,
              "There is no room for such a volume in that zone now: try again later, or another type or zone"),
          Map.entry(
              Outcome.DENIED,
              "Give the instance's role the permission; 'berth doctor' shows what is missing"),
          Map.entry(Outcome.THROTTLED, "The account makes too many calls: try again later"),
          Map.entry(Outcome.UNSUPPORTED, "This cloud does not have that call"),
          Map.entry(Outcome.NO_TIME, "The same command looks first and goes on"),
          Map.entry(
              Outcome.UNCLEAR, "Whether EC2 did it is not known; the same command looks first"));

  private EbsErrors() {}

  /** What to throw when {@code failure} ended an attempt to do {@code what}. */
  static VolumeException failed(String what, CloudException failure) {
    String message = message(what, failure);
    return switch (failure.outcome()) {
      case INVALID, OTHER_ZONE, UNSUPPORTED -> new VolumeException.Invalid(message, failure);
      case IN_USE -> new VolumeException.InUse(message, failure);
      case UNCLEAR, NO_TIME -> new VolumeException.UnknownOutcome(message, failure);
      case ABSENT,
          NOT_ATTACHED,
          WRONG_STATE,
          NAME_TAKEN,
          ATTACHMENT_LIMIT,
          QUOTA,
          VOLUME_QUOTA,
          MODIFIED_TOO_OFTEN,
          SNAPSHOT_RATE,
          TOKEN_SPENT,
          NO_CAPACITY,
          DENIED,
          WOULD_SUCCEED,
          THROTTLED,
          REFUSED ->
          new VolumeException.Failed(message, failure);
    };
  }

  /** What to throw when {@code failure} leaves open whether {@code what} will be. */
  static VolumeException.UnknownOutcome unknown(String what, CloudException failure) {
    return new VolumeException.UnknownOutcome(message(what, failure), failure);
  }

  private static String message(String what, CloudException failure) {
    return "%s: %s said %s: %s%s"
        .formatted(
            what,
            failure.call(),
            failure.code(),
            ENCODED.matcher(failure.getMessage()).replaceFirst(""),
            Optional.ofNullable(ADVICE.get(failure.outcome()))
                .map(advice -> ". " + advice)
                .orElse(""));
  }
}
