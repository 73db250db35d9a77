package dev.berth.backend.ebs.ec2;

import dev.berth.volume.Shown;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** From EC2's error codes, and from silence, to one {@link Outcome} each. */
final class Ec2Errors {
  private static final Pattern NAME_REFUSED =
      Pattern.compile("already in use|not a valid EBS device name");

  /** How emulated clouds say that they do not have a call. */
  private static final Pattern LACKING = Pattern.compile("not (yet )?(been )?implemented");

  private static final Pattern NO_CREDENTIALS = Pattern.compile("[Uu]nable to load credentials");

  /** In place of a code, if there are no credentials to sign a call with. */
  static final String NO_CREDENTIALS_CODE = "no credentials";

  private static final int UNAUTHORIZED = 401;

  /** The JDK's client may drop the body of such an answer, and its code with it. */
  private static final Set<Integer> FORBIDDING = Set.of(UNAUTHORIZED, 403);

  private static final int NOT_IMPLEMENTED = 501;
  private static final int SERVER_ERROR = 500;

  private static final Map<Outcome, List<String>> CODES =
      Map.ofEntries(
          Map.entry(
              Outcome.ABSENT,
              List.of(
                  "InvalidVolume.NotFound",
                  "InvalidSnapshot.NotFound",
                  "InvalidInstanceID.NotFound",
                  "InvalidVolumeModification.NotFound")),
          Map.entry(Outcome.NOT_ATTACHED, List.of("InvalidAttachment.NotFound")),
          Map.entry(Outcome.WRONG_STATE, List.of("IncorrectState", "IncorrectInstanceState")),
          Map.entry(Outcome.IN_USE, List.of("VolumeInUse", "InvalidSnapshot.InUse")),
          Map.entry(Outcome.NAME_TAKEN, List.of("InvalidDevice.InUse")),
          Map.entry(Outcome.ATTACHMENT_LIMIT, List.of("AttachmentLimitExceeded")),
          Map.entry(Outcome.VOLUME_QUOTA, List.of("VolumeLimitExceeded")),
          Map.entry(
              Outcome.QUOTA,
              List.of(
                  "MaxIOPSLimitExceeded",
                  "SnapshotLimitExceeded",
                  "VolumeModificationSizeLimitExceeded",
                  "TagLimitExceeded")),
          Map.entry(
              Outcome.MODIFIED_TOO_OFTEN,
              List.of("IncorrectModificationState", "VolumeModificationRateExceeded")),
          Map.entry(
              Outcome.SNAPSHOT_RATE,
              List.of(
                  "SnapshotCreationPerVolumeRateExceeded",
                  "ConcurrentSnapshotLimitExceeded",
                  "PendingSnapshotLimitExceeded")),
          Map.entry(Outcome.TOKEN_SPENT, List.of("IdempotentParameterMismatch")),
          Map.entry(Outcome.OTHER_ZONE, List.of("InvalidVolume.ZoneMismatch")),
          Map.entry(Outcome.NO_CAPACITY, List.of("InsufficientVolumeCapacity")),
          Map.entry(
              Outcome.INVALID,
              List.of(
                  "InvalidZone.NotFound",
                  "UnknownParameter",
                  "UnknownVolumeType",
                  "UnsupportedOperation",
                  "ValidationError",
                  "VolumeTypeNotAvailableInZone",
                  "MissingParameter")),
          Map.entry(
              Outcome.DENIED,
              List.of(
                  "UnauthorizedOperation",
                  "AuthFailure",
                  "AccessDenied",
                  "AccessDeniedException",
                  "Blocked",
                  "ExpiredToken",
                  "IncompleteSignature",
                  "InvalidClientTokenId",
                  "MissingAuthenticationToken",
                  "OptInRequired",
                  "RequestExpired",
                  "SignatureDoesNotMatch",
                  "UnrecognizedClientException")),
          Map.entry(Outcome.WOULD_SUCCEED, List.of("DryRunOperation")),
          Map.entry(
              Outcome.THROTTLED,
              List.of(
                  "RequestLimitExceeded",
                  "Throttling",
                  "ThrottlingException",
                  "ThrottledException",
                  "RequestThrottled",
                  "RequestThrottledException",
                  "EC2ThrottledException",
                  "TooManyRequestsException")),
          Map.entry(Outcome.UNSUPPORTED, List.of("InvalidAction")),
          Map.entry(
              Outcome.UNCLEAR,
              List.of("InternalError", "InternalFailure", "Unavailable", "ServiceUnavailable")));

  private static final Map<String, Outcome> BY_CODE = byCode();

  private Ec2Errors() {}

  /** What has become of {@code call}, given what the SDK threw. */
  static CloudException translated(String call, SdkException thrown) {
    if (thrown instanceof AwsServiceException answer) {
      Optional<AwsErrorDetails> details = Optional.ofNullable(answer.awsErrorDetails());
      String code =
          details
              .map(AwsErrorDetails::errorCode)
              .map(Shown::of)
              .orElseGet(() -> codeless(answer.statusCode()));
      String message =
          details.map(AwsErrorDetails::errorMessage).map(Shown::said).orElse("(no message)");
      return new CloudException(
          outcome(code, message, answer.statusCode()), call, code, message, thrown);
    }
    String message = Shown.said(reason(thrown));
    return NO_CREDENTIALS.matcher(message).find()
        ? new CloudException(Outcome.DENIED, call, NO_CREDENTIALS_CODE, message, thrown)
        : new CloudException(Outcome.UNCLEAR, call, "no answer", message, thrown);
  }

  /** EC2 has one code only for 401. */
  private static String codeless(int status) {
    return status == UNAUTHORIZED ? "AuthFailure" : "status " + status;
  }

  static Outcome outcome(String code, String message, int status) {
    if (code.startsWith("InvalidParameter") && NAME_REFUSED.matcher(message).find()) {
      return Outcome.NAME_TAKEN;
    }
    if (status == NOT_IMPLEMENTED || LACKING.matcher(message).find()) {
      return Outcome.UNSUPPORTED;
    }
    Outcome known = BY_CODE.get(code);
    if (known != null) {
      return known;
    }
    if (FORBIDDING.contains(status)) {
      return Outcome.DENIED;
    }
    if (status >= SERVER_ERROR) {
      return Outcome.UNCLEAR;
    }
    if (code.endsWith(".NotFound")) {
      return Outcome.ABSENT;
    }
    return code.startsWith("Invalid") ? Outcome.INVALID : Outcome.REFUSED;
  }

  /** The SDK's own words, and those of the error at the bottom of it, if there is one. */
  private static String reason(SdkException thrown) {
    Throwable cause = thrown.getCause();
    if (cause == null) {
      return thrown.toString();
    }
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "%s (%s)".formatted(thrown.getMessage(), cause);
  }

  private static Map<String, Outcome> byCode() {
    Map<String, Outcome> byCode = new HashMap<>();
    CODES.forEach((outcome, codes) -> codes.forEach(code -> byCode.put(code, outcome)));
    return Map.copyOf(byCode);
  }
}
