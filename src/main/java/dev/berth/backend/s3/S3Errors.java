package dev.berth.backend.s3;

import dev.berth.volume.Shown;
import dev.berth.volume.VolumeException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;

/** Where what S3 or the SDK refused becomes what happened to a volume. */
final class S3Errors {
  private static final int REDIRECT = 301;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int NOT_IMPLEMENTED = 501;
  private static final String REGION_HEADER = "x-amz-bucket-region";
  private static final String WHOLE_CHAIN = "Unable to load credentials from any";
  private static final Pattern ALL_PROFILES = Pattern.compile(": ProfileFile\\(.*");
  private static final Pattern EXPECTED = Pattern.compile("expecting '([a-z0-9-]+)'");

  /**
   * So say endpoints of regions that have to be enabled, and those of others about buckets there.
   */
  private static final Pattern CONSTRAINT = Pattern.compile("The ([a-z0-9-]+) location constraint");

  private static final Set<String> OTHERS_MISSING = Set.of("NoSuchKey", "NoSuchUpload");

  private static final String NO_CONSTRAINT = "unspecified";
  private static final Set<String> WRONG_REGION =
      Set.of(
          "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException");

  private S3Errors() {}

  /** Runs {@code call}, which needs {@code permission}. */
  static <T> T translating(S3Target target, Permission permission, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw translated(target, permission, e);
    }
  }

  static VolumeException translated(S3Target target, Permission permission, SdkException e) {
    return new VolumeException.Failed(
        "volume %s at %s: %s"
            .formatted(target.volume(), target.location(), why(target, permission, e)),
        e);
  }

  /**
   * The region in which the bucket really is, if that is what the error says, and it can be one;
   * the request has to be sent there.
   */
  static Optional<Region> otherRegion(SdkException e) {
    if (!(e instanceof AwsServiceException service)) {
      return Optional.empty();
    }
    if (service.statusCode() != REDIRECT && !WRONG_REGION.contains(code(service))) {
      return Optional.empty();
    }
    return header(service, REGION_HEADER)
        .or(() -> find(EXPECTED, service.getMessage()))
        .or(() -> find(CONSTRAINT, service.getMessage()))
        .filter(S3Options::isRegion)
        .map(name -> name.equals(NO_CONSTRAINT) ? Region.US_EAST_1 : Region.of(name));
  }

  /** Whether the store does not know the call at all. */
  static boolean unknownToStore(SdkException e) {
    return e instanceof AwsServiceException service
        && (service.statusCode() == NOT_IMPLEMENTED || code(service).equals("NotImplemented"));
  }

  /** In so many words, or by a 404 that says nothing else to be missing: HEAD has no words. */
  static boolean isNoSuchBucket(SdkException e) {
    return saysNoSuchBucket(e)
        || (e instanceof AwsServiceException service
            && service.statusCode() == NOT_FOUND
            && !OTHERS_MISSING.contains(code(service)));
  }

  static boolean isNoSuchUpload(SdkException e) {
    return e instanceof AwsServiceException service && code(service).equals("NoSuchUpload");
  }

  /** In so many words: not any other 404, which may come from what is no store at all. */
  static boolean saysNoSuchBucket(SdkException e) {
    return e instanceof AwsServiceException service && code(service).equals("NoSuchBucket");
  }

  /** Whether the bucket to be made is there, and is the caller's. */
  static boolean isOwnBucket(SdkException e) {
    return e instanceof AwsServiceException service
        && code(service).equals("BucketAlreadyOwnedByYou");
  }

  static String code(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }

  private static String why(S3Target target, Permission permission, SdkException e) {
    return e instanceof AwsServiceException service
        ? refused(target, permission, service)
        : unreachable(target, e);
  }

  private static String refused(S3Target target, Permission permission, AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    if (details != null && "Sts".equalsIgnoreCase(details.serviceName())) {
      return "%s: STS refused: %s %s".formatted(target.source(), code(e), details(e));
    }
    String store = target.store().toString();
    return switch (code(e)) {
      case "InvalidAccessKeyId" ->
          "%s does not know the access key of %s".formatted(store, target.source());
      case "SignatureDoesNotMatch" ->
          "%s finds the signature wrong: the secret key of %s does not belong to its access key"
              .formatted(store, target.source());
      case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
          "%s are expired or invalid for %s; renew them".formatted(target.source(), store);
      case "RequestTimeTooSkewed" -> "the clock of this host is wrong; set it";
      default -> refusedByStatus(target, permission, e);
    };
  }

  private static String refusedByStatus(
      S3Target target, Permission permission, AwsServiceException e) {
    if (isNoSuchBucket(e)) {
      return "there is no bucket %s at %s; make it, or give createBucket=true"
          .formatted(target.location().bucket(), target.store());
    }
    return switch (e.statusCode()) {
      case FORBIDDEN ->
          "access denied: %s lack %s. Grant it, or give other credentials with profile= or roleArn="
              .formatted(target.source(), permission.on(target));
      default ->
          "%s answered %d %s to %s: %s"
              .formatted(
                  target.store(), e.statusCode(), code(e), permission.on(target), details(e));
    };
  }

  private static String details(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorMessage() == null ? "no reason" : details.errorMessage();
  }

  private static String unreachable(S3Target target, SdkException e) {
    String message = words(e);
    if (message.startsWith(WHOLE_CHAIN)) {
      return "there are no credentials (%s): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for Berth, give profile=, or give the instance a role"
          .formatted(target.source());
    }
    if (message.toLowerCase(Locale.ROOT).contains("credentials") || message.contains("rofile")) {
      return "there are no credentials (%s): %s".formatted(target.source(), message);
    }
    String asked =
        target.source().roleArn().isPresent()
            ? "%s, or STS for %s,".formatted(target.store(), target.source())
            : target.store().toString();
    return "%s does not answer (%s); look at endpoint= and at the network of this host"
        .formatted(asked, cause(e));
  }

  private static String cause(SdkException e) {
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return "no answer in time";
    }
    for (@Nullable Throwable next = e; next != null; next = next.getCause()) {
      switch (next) {
        case UnknownHostException unknown -> {
          return "unknown host " + unknown.getMessage();
        }
        case ConnectException refused -> {
          return String.valueOf(refused.getMessage());
        }
        case SocketTimeoutException slow -> {
          return "no answer in time";
        }
        default -> {}
      }
    }
    return words(e);
  }

  /** What the SDK, or a program that gives credentials, says, without all profiles of the host. */
  static String words(SdkException e) {
    return Shown.said(ALL_PROFILES.matcher(String.valueOf(e.getMessage())).replaceFirst(""));
  }

  private static Optional<String> header(AwsServiceException e, String name) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.sdkHttpResponse() == null
        ? Optional.empty()
        : details.sdkHttpResponse().firstMatchingHeader(name);
  }

  private static Optional<String> find(Pattern pattern, @Nullable String text) {
    Matcher matcher = pattern.matcher(text == null ? "" : text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
