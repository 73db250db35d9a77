package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.berth.backend.s3.ScriptedStore.Reply;
import dev.berth.testing.S3Store;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be wrong with a store, against a real one and against one that answers as AWS does. */
class PreflightTest {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  private static final VolumeName NAME = new VolumeName("photos");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final Preflight preflight = new Preflight(new S3Access(endpoint -> Optional.empty()));
  private Optional<HttpServer> stub = Optional.empty();

  @AfterEach
  void stopStub() {
    stub.ifPresent(server -> server.stop(0));
  }

  private static VolumeOptions options(String... given) {
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                "bucket",
                S3Store.BUCKET,
                "prefix",
                "photos",
                "endpoint",
                BED.store().endpoint().toString(),
                "pathStyle",
                "true"));
    for (String option : given) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    return new OptionSchema(S3Options.ALL).parse(options);
  }

  private static S3Target target(VolumeOptions options) {
    return S3Target.of(NAME, options, Optional.empty());
  }

  private void check(String... given) {
    VolumeOptions options = options(given);
    preflight.checkReadable(target(options), true);
    preflight.checkWritable(target(options), options);
    preflight.checkStillWritable(target(options), options);
  }

  private static void failsInTime(ThrowingCallable call, String... texts) {
    long started = System.nanoTime();
    assertThatThrownBy(call)
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("volume photos")
        .hasMessageContainingAll(texts);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LIMIT);
  }

  @Test
  void aStoreThatWorksIsLeftAsItWas() {
    check();
    assertThat(BED.store().keys(S3Store.BUCKET)).noneMatch(key -> key.startsWith("photos/"));
  }

  @Test
  void aMissingBucket() {
    failsInTime(
        () -> check("bucket=nobody-made-this"), "no bucket nobody-made-this", "createBucket");
  }

  /** Of a trial that a busy store has forgotten meanwhile, nothing is left. */
  @Test
  void aTrialThatIsGoneIsGivenUp() {
    String begun =
        "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
    try (ScriptedStore store =
        new ScriptedStore(
            request ->
                request.startsWith("DELETE")
                    ? Reply.error(404, "NoSuchUpload")
                    : Reply.ok(begun))) {
      VolumeOptions options = options("endpoint=" + store.endpoint());
      preflight.checkStillWritable(target(options), options);
      assertThat(store.asked()).hasSize(2).last().asString().startsWith("DELETE");
    }
  }

  @Test
  void whatIsMissingIsNotSaidToBeTheBucket() {
    try (ScriptedStore store = new ScriptedStore(request -> Reply.error(404, "NoSuchUpload"))) {
      VolumeOptions options = options("endpoint=" + store.endpoint());
      assertThatThrownBy(() -> preflight.checkStillWritable(target(options), options))
          .isInstanceOf(VolumeException.Failed.class)
          .hasMessageContaining("NoSuchUpload")
          .hasMessageNotContaining("no bucket");
    }
  }

  @Test
  void anUnknownKey() {
    failsInTime(() -> check("profile=badkey"), "does not know the access key", "profile badkey");
  }

  @Test
  void aWrongSecret() {
    failsInTime(() -> check("profile=badsecret"), "signature wrong", "profile badsecret");
  }

  @Test
  void anUnknownProfile() {
    failsInTime(() -> check("profile=nobody"), "no credentials", "nobody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sso", "half", "nonsense"})
  void aProfileThatCannotBeUsed(String profile) {
    failsInTime(() -> check("profile=" + profile), "no credentials", "the profile " + profile);
    String role = "roleArn=arn:aws:iam::123456789012:role/none";
    failsInTime(() -> check("profile=" + profile, role), "the profile " + profile);
    S3Target target = target(options("profile=" + profile));
    assertThat(preflight.trouble(target, Optional.empty()))
        .hasValueSatisfying(why -> assertThat(why).contains(profile));
  }

  @Test
  void aProfileThatLogsInBySsoHasAWayOut() {
    failsInTime(() -> check("profile=sso"), "export-credentials --profile sso");
  }

  /** The SDK keeps all of an answer in memory. */
  @Test
  void anAnswerWithoutEndIsNotRead() {
    String list =
        "<ListBucketResult><Contents><Key>%s</Key></Contents></ListBucketResult>"
            .formatted("k".repeat(9 << 20));
    try (ScriptedStore store = new ScriptedStore(request -> ScriptedStore.Reply.ok(list))) {
      failsInTime(() -> check("endpoint=" + store.endpoint()), "more than 8388608 bytes");
    }
  }

  @Test
  void anEndpointThatRefuses() {
    failsInTime(() -> check("endpoint=http://127.0.0.1:1"), "http://127.0.0.1:1 does not answer");
  }

  @Test
  void anEndpointThatNeverAnswers() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      String endpoint = "http://127.0.0.1:" + silent.getLocalPort();
      failsInTime(() -> check("endpoint=" + endpoint), endpoint + " does not answer");
    }
  }

  @Test
  void anUnknownHost() {
    failsInTime(() -> check("endpoint=http://no-such-host.invalid"), "does not answer");
  }

  /** Answers every request, and counts them. */
  private AtomicInteger stub(int status, Map<String, String> headers, String code, String inner)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    AtomicInteger calls = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          calls.incrementAndGet();
          byte[] body =
              "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>the region is wrong; expecting 'eu-central-1'</Message>%s</Error>"
                  .formatted(code, inner)
                  .getBytes(StandardCharsets.UTF_8);
          headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    stub = Optional.of(server);
    return calls;
  }

  private String[] atStub() {
    return new String[] {
      "endpoint=http://127.0.0.1:" + stub.orElseThrow().getAddress().getPort(), "region=us-east-1"
    };
  }

  @Test
  void anotherRegionInAHeader() throws IOException {
    stub(301, Map.of("x-amz-bucket-region", "eu-west-1"), "PermanentRedirect", "");
    failsInTime(() -> check(atStub()), "is in eu-west-1, not in us-east-1", "region=eu-west-1");
  }

  @Test
  void anotherRegionInTheMessage() throws IOException {
    stub(400, Map.of(), "AuthorizationHeaderMalformed", "");
    failsInTime(() -> check(atStub()), "is in eu-central-1");
  }

  @ParameterizedTest
  @CsvSource({"af-south-1, af-south-1", "unspecified, us-east-1"})
  void regionsThatHaveToBeEnabledSayItInWordsOfTheirOwn(String constraint, String region) {
    String error =
        "<Error><Code>IllegalLocationConstraintException</Code><Message>The %s location constraint is incompatible for the region specific endpoint this request was sent to.</Message></Error>"
            .formatted(constraint);
    try (ScriptedStore store = new ScriptedStore(_ -> new ScriptedStore.Reply(400, error))) {
      String endpoint = "endpoint=" + store.endpoint();
      failsInTime(() -> check(endpoint, "region=eu-west-1"), "is in " + region, "region=" + region);
      assertThat(preflight.bucketExists(target(options(endpoint, "region=eu-west-1")))).isTrue();
    }
  }

  @Test
  void aRedirectIsFollowedIfNoRegionWasGiven() throws IOException {
    AtomicInteger calls =
        stub(301, Map.of("x-amz-bucket-region", "eu-west-1"), "PermanentRedirect", "");
    S3Target target = target(options(atStub()[0]));
    failsInTime(() -> preflight.checkReadable(target, false), "301");
    assertThat(calls).hasValue(2);
  }

  /** It would be written to the ledger, and be an option of a client's mount. */
  @ParameterizedTest
  @ValueSource(strings = {"us-east-1,use_cache=/x", "x.evil.com", "-oro", "EU"})
  void aRegionThatCannotBeOneIsNotBelieved(String region) throws IOException {
    AtomicInteger calls = stub(301, Map.of("x-amz-bucket-region", region), "PermanentRedirect", "");
    S3Target target = target(options(atStub()[0]));
    failsInTime(() -> preflight.checkReadable(target, false), "301");
    assertThat(calls).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 307, 308})
  void aRedirectToAnotherServerIsNotFollowed(int status) throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      stranger.setSoTimeout(1);
      String location = "http://127.0.0.1:%d/latest".formatted(stranger.getLocalPort());
      stub(status, Map.of("Location", location), "Redirect", "");
      failsInTime(() -> check(atStub()), "" + status);
      assertThatThrownBy(stranger::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  /** It goes into the log, into Docker's error and into tables. */
  @Test
  void whatAStoreSaysIsOneLineAndNotAllOfIt() throws IOException {
    String error =
        "<Error><Code>Odd&#10;Code</Code><Message>no&#10;2026-11-30 [RemoveVolume] volume db removed&#x202e;&#x9b;2J%s</Message></Error>"
            .formatted("x".repeat(200_000));
    try (ScriptedStore store = new ScriptedStore(_ -> new ScriptedStore.Reply(400, error))) {
      assertThatThrownBy(() -> check("endpoint=" + store.endpoint()))
          .satisfies(
              thrown -> {
                for (Throwable e = thrown; e != null; e = e.getCause()) {
                  assertThat(String.valueOf(e.getMessage()))
                      .hasSizeLessThan(1500)
                      .doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
                }
              })
          .hasMessageContainingAll("no; 2026-11-30", "Odd?Code");
    }
  }

  @ParameterizedTest
  @CsvSource({"AccessDenied", "AllAccessDisabled"})
  void aMissingRightIsNamedWithItsResource(String code) throws IOException {
    stub(403, Map.of(), code, "");
    failsInTime(
        () -> check(atStub()),
        "lack s3:ListBucket on arn:aws:s3:::" + S3Store.BUCKET,
        "the default credentials of this host");
    failsInTime(
        () -> {
          VolumeOptions options = options(atStub());
          preflight.checkWritable(target(options), options);
        },
        "lack s3:PutObject on arn:aws:s3:::%s/photos/*".formatted(S3Store.BUCKET));
  }

  @Test
  void storesThatAreOverloaded() throws IOException {
    stub(503, Map.of(), "SlowDown", "");
    failsInTime(() -> check(atStub()), "503 SlowDown");
  }

  @Test
  void aRoleThatCannotBeAssumed() {
    failsInTime(() -> check("roleArn=arn:aws:iam::123456789012:role/none"), "role/none");
  }
}
