package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * An S3 store of the tests' own: S3Proxy as a process, on loopback, with one key, whose signatures
 * it checks, and one bucket. It can be stopped and started again with the same port and objects.
 */
@SuppressWarnings("NullAway.Init")
public final class S3Store implements Cloud {
  /** There from the start, and Berth's for volumes that name no bucket. */
  public static final String BUCKET = "berth-tests";

  public static final String ACCESS_KEY = "AKIATESTBERTH0000001";
  public static final String SECRET_KEY = "iVaDLkNvSecretThatMustNotShow0000000000";
  public static final String SESSION_TOKEN = "TokenOfASessionThatMustNotShow";

  /** How long temporary keys last. */
  public static final Duration KEYS_LAST = Duration.ofSeconds(30);

  private static final String GIVE_KEYS =
      """
      #!/bin/sh
      echo '{"Version":1,"Expiration":"'$(date -u -d "+@SECONDS@ seconds" +%FT%TZ)'",
        "AccessKeyId":"@ACCESS@","SecretAccessKey":"@SECRET@","SessionToken":"@TOKEN@"}'
      """;

  private static final String CLIENT_VERSIONS =
      "s3fs --version | head -n 1; rclone version | head -n 1; exit 0";

  private static final String UNUSABLE =
      """
      [sso]
      sso_account_id = 123456789012
      sso_role_name = r
      sso_region = eu-west-1
      sso_start_url = https://example.invalid/start
      [half]
      aws_access_key_id = AKIAHALF
      [nonsense]
      role_arn = arn:aws:iam::123456789012:role/none
      """;

  private static final Duration READY = Duration.ofSeconds(90);
  private static final Path JAR =
      Path.of("target/test-tools/s3proxy-jar-with-dependencies.jar").toAbsolutePath();

  private final int port = Ports.free();
  private Path directory;
  private @Nullable Process process;

  /** Which the store takes; the secret key stays the same. */
  private String accessKey = ACCESS_KEY;

  @Override
  public void start(Path files) {
    directory = files;
    try {
      Files.createDirectories(directory.resolve("objects"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    configure();
    start();
    createBucket(BUCKET);
    System.out.print(Run.of("sh", "-c", CLIENT_VERSIONS).succeed().out());
  }

  private void configure() {
    try {
      Files.writeString(
          configuration(),
          configured().entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue())
              .collect(Collectors.joining("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As if the key that it took so far had been disabled; the profiles stay as they are. */
  public void takeOnly(String key) {
    stop();
    accessKey = key;
    configure();
    start();
  }

  /** The default profile has that key from now on. */
  public void writeProfile(String key) {
    Path file = directory.resolve("credentials");
    Path next = directory.resolve("credentials.next");
    try {
      Files.writeString(
          next,
          Files.readString(file).replaceFirst("(?<=\\[default]\naws_access_key_id = )\\S+", key));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> configured() {
    return Map.of(
        "s3proxy.endpoint",
        endpoint().toString(),
        "s3proxy.authorization",
        "aws-v2-or-v4",
        "s3proxy.identity",
        accessKey,
        "s3proxy.credential",
        SECRET_KEY,
        "s3proxy.ignore-unknown-headers",
        "true",
        "jclouds.provider",
        "filesystem",
        "jclouds.filesystem.basedir",
        directory.resolve("objects").toString());
  }

  private Path configuration() {
    return directory.resolve("s3proxy.conf");
  }

  /** Starts it again after {@link #stop}, and waits until it answers. */
  public void start() {
    Process started;
    try {
      started =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx192m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-jar",
                  JAR.toString(),
                  "--properties",
                  configuration().toString())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("s3proxy.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start S3Proxy", e);
    }
    process = started;
    await("S3Proxy").atMost(READY).until(() -> answers(started));
  }

  private boolean answers(Process started) {
    if (!started.isAlive()) {
      throw new AssertionError("S3Proxy ended; see " + directory);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it as a crash would; its objects stay. */
  @Override
  public void stop() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "BERTH_S3_BUCKET",
        BUCKET,
        "BERTH_S3_ENDPOINT",
        endpoint().toString(),
        "BERTH_S3_PROBE_INTERVAL",
        "1s",
        "AWS_SHARED_CREDENTIALS_FILE",
        profiles().toString(),
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  /**
   * A file of AWS profiles: the default has the key, {@code badkey} and {@code badsecret} do not;
   * {@code temporary} has it with a session token, and each time for {@link #KEYS_LAST}. The SDK
   * cannot use {@code sso}, {@code half} and {@code nonsense}.
   */
  public Path profiles() {
    Path file = directory.resolve("credentials");
    Path giving = directory.resolve("give-keys");
    try {
      Files.writeString(
          giving,
          GIVE_KEYS
              .replace("@SECONDS@", "" + KEYS_LAST.toSeconds())
              .replace("@ACCESS@", ACCESS_KEY)
              .replace("@SECRET@", SECRET_KEY)
              .replace("@TOKEN@", SESSION_TOKEN));
      Files.setPosixFilePermissions(giving, PosixFilePermissions.fromString("rwx------"));
      Files.writeString(
          file,
          profile("default", ACCESS_KEY, SECRET_KEY)
              + profile("badkey", "AKIANOTTHERIGHTONE00", SECRET_KEY)
              + profile("badsecret", ACCESS_KEY, "wrong")
              + "[temporary]%ncredential_process = %s%n".formatted(giving)
              + UNUSABLE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private static String profile(String name, String key, String secret) {
    return """
    [%s]
    aws_access_key_id = %s
    aws_secret_access_key = %s
    """
        .formatted(name, key, secret);
  }

  /** Past Berth. */
  public S3Client client() {
    return S3Client.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(endpoint())
        .forcePathStyle(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, SECRET_KEY)))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  public void createBucket(String bucket) {
    try (S3Client client = client()) {
      client.createBucket(request -> request.bucket(bucket));
    }
  }

  /** With all its objects. */
  public void deleteBucket(String bucket) {
    keys(bucket).forEach(key -> delete(bucket, key));
    try (S3Client client = client()) {
      client.deleteBucket(request -> request.bucket(bucket));
    }
  }

  public void put(String bucket, String key, String content) {
    try (S3Client client = client()) {
      client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(content));
    }
  }

  public String get(String bucket, String key) {
    try (S3Client client = client()) {
      return client.getObjectAsBytes(request -> request.bucket(bucket).key(key)).asUtf8String();
    }
  }

  public void delete(String bucket, String key) {
    try (S3Client client = client()) {
      client.deleteObject(request -> request.bucket(bucket).key(key));
    }
  }

  /** The keys in a bucket, in order. */
  public List<String> keys(String bucket) {
    try (S3Client client = client()) {
      return client.listObjectsV2(request -> request.bucket(bucket)).contents().stream()
          .map(S3Object::key)
          .sorted()
          .toList();
    }
  }
}
