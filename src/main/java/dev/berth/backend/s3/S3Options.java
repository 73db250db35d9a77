package dev.berth.backend.s3;

import dev.berth.volume.BackendName;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Option;
import dev.berth.volume.VolumeException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The options of a volume in S3, the common ones aside. */
final class S3Options {
  static final BackendName BACKEND = new BackendName("s3");

  /**
   * Labels of a host name with dots between them, and no address: what S3 allows, and what can be
   * the name of a host, as the SDK makes it one.
   */
  private static final Pattern BUCKET_NAME =
      Pattern.compile(
          "(?=.{3,63}$)(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)"
              + "[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private static final Pattern REGION_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{1,39}");
  private static final Pattern PREFIX_PART = Pattern.compile("[A-Za-z0-9_.!][A-Za-z0-9_.!=+@-]*");
  private static final int LONGEST_PREFIX = 512;
  private static final String A_PREFIX =
      "a prefix such as photos/2026: at most 512 of the characters a-z A-Z 0-9 _ . ! = + @ - and /";
  private static final String AN_ENDPOINT =
      "a URL such as https://minio.example:9000, without a user, a path or a query";

  static final Option<String> BUCKET =
      Option.text(
          "bucket",
          "a bucket name: 3 to 63 of the characters a-z 0-9 - and single dots, with a letter or a digit at the start, at the end and on both sides of a dot; no address",
          BUCKET_NAME);
  static final Option<String> PREFIX =
      Option.of("prefix", A_PREFIX, S3Options::parsePrefix, text -> text);
  static final Option<ClientKind> CLIENT =
      Option.oneOf("client", ClientKind.class, ClientKind::word);
  static final Option<String> REGION =
      Option.text("region", "a region such as eu-central-1", REGION_NAME);
  static final Option<URI> ENDPOINT =
      Option.of("endpoint", AN_ENDPOINT, S3Options::parseEndpoint, URI::toString);
  static final Option<Boolean> PATH_STYLE = Option.flag("pathStyle");
  static final Option<Boolean> READ_ONLY = Option.flag("readOnly");
  static final Option<Boolean> CREATE_BUCKET = Option.flag("createBucket");
  static final Option<StorageClass> STORAGE_CLASS =
      Option.oneOf("storageClass", StorageClass.class, StorageClass::name);
  static final Option<Encryption> SSE = Option.oneOf("sse", Encryption.class, Encryption::word);
  static final Option<String> KMS_KEY_ID =
      Option.text(
          "kmsKeyId",
          "the ARN, the id or the alias of a KMS key",
          Pattern.compile("[A-Za-z0-9:/_-]{1,256}"));
  static final Option<String> PROFILE =
      Option.text(
          "profile",
          "the name of a profile in the AWS files of this host",
          Pattern.compile("[A-Za-z0-9_.@+-]{1,64}"));
  static final Option<String> ROLE_ARN =
      Option.text(
          "roleArn",
          "the ARN of a role, arn:aws:iam::123456789012:role/NAME",
          Pattern.compile("arn:[a-z-]+:iam::\\d{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}"));
  static final Option<ByteSize> CACHE_SIZE = Option.size("cacheSize");
  static final Option<Boolean> ALLOW_DELETE = Option.flag("allowDelete");
  static final Option<Boolean> ALLOW_OVERWRITE = Option.flag("allowOverwrite");

  /** All that a volume takes. */
  static final List<Option<?>> ALL = all();

  private S3Options() {}

  private static List<Option<?>> all() {
    List<Option<?>> all = new ArrayList<>(CommonOptions.ALL);
    all.addAll(List.of(BUCKET, PREFIX, CREATE_BUCKET, CLIENT, REGION, ENDPOINT, PATH_STYLE));
    all.addAll(List.of(READ_ONLY, STORAGE_CLASS, SSE, KMS_KEY_ID, PROFILE, ROLE_ARN));
    all.addAll(List.of(CACHE_SIZE, ALLOW_DELETE, ALLOW_OVERWRITE));
    return all;
  }

  /** Whether that can be the name of a region; what stores say may be anything. */
  static boolean isRegion(String name) {
    return REGION_NAME.matcher(name).matches();
  }

  /** Ends with a slash and begins with none, so that no key outside begins with it. */
  private static String parsePrefix(String text) {
    String inner = text.strip().replaceAll("^/+|/+$", "");
    boolean valid =
        inner.length() < LONGEST_PREFIX
            && Arrays.stream(inner.split("/", -1))
                .allMatch(
                    part ->
                        PREFIX_PART.matcher(part).matches()
                            && !part.equals(".")
                            && !part.equals(".."));
    if (!valid) {
      throw new VolumeException.Invalid("'%s' is not %s".formatted(text, A_PREFIX));
    }
    return inner + "/";
  }

  private static URI parseEndpoint(String text) {
    VolumeException.Invalid invalid =
        new VolumeException.Invalid("'%s' is not %s".formatted(text, AN_ENDPOINT));
    try {
      URI given = new URI(text.strip().replaceAll("/+$", ""));
      boolean valid =
          ("http".equals(given.getScheme()) || "https".equals(given.getScheme()))
              && given.getHost() != null
              && given.getUserInfo() == null
              && given.getRawPath().isEmpty()
              && given.getQuery() == null
              && given.getFragment() == null;
      if (valid) {
        return given;
      }
      throw invalid;
    } catch (URISyntaxException e) {
      throw invalid;
    }
  }
}
