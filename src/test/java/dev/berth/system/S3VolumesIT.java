package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.Ports;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes in S3 under a real engine. */
@RequiresSystem
class S3VolumesIT {
  private static final S3Store STORE = new S3Store();

  /** Of servers that a test may start. */
  private static final int OTHER = Ports.free();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.withEngine()
              .in(STORE)
              .with("BERTH_S3_ENDPOINTS", "http://127.0.0.1:1,http://127.0.0.1:" + OTHER));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final byte[] EMPTY =
      "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
          .getBytes(StandardCharsets.US_ASCII);

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();

  private void create(String volume, String client, String... options) {
    containers.create(
        volume,
        Stream.concat(Stream.of("backend=s3", "client=" + client), Stream.of(options))
            .toArray(String[]::new));
  }

  private List<String> clients() {
    return new Traces(BED.root())
        .processes().values().stream()
            .filter(line -> line.contains("s3fs ") || line.contains("rclone mount"))
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void containersShareOneClientAndTheStoreHasTheFiles(String client) {
    create("photos", client);
    containers.start("one", "photos");
    containers.start("two", "photos");
    containers.exec("one", "mkdir /m/d && echo from-one > /m/d/x");
    assertThat(containers.exec("two", "cat /m/d/x").text()).isEqualTo("from-one");
    containers.exec("two", "mv /m/d/x /m/d/y && echo more >> /m/d/y");
    assertThat(containers.exec("one", "cat /m/d/y").lines()).containsExactly("from-one", "more");
    assertThat(clients()).hasSize(1);
    containers.stop("one");
    containers.stop("two");
    BED.awaitReleased("photos");
    assertThat(clients()).isEmpty();
    assertThat(STORE.get(S3Store.BUCKET, "photos/d/y")).isEqualTo("from-one\nmore\n");
    engine.docker("rm", "one", "two");
    engine.docker("volume", "rm", "photos");
    assertThat(STORE.get(S3Store.BUCKET, "photos/d/y")).isEqualTo("from-one\nmore\n");
    STORE.delete(S3Store.BUCKET, "photos/d/y");
    STORE.delete(S3Store.BUCKET, "photos/d/");
  }

  @Test
  void removeDeletesTheObjectsIfThatWasAskedFor() {
    STORE.put(S3Store.BUCKET, "gone-not/x", "kept");
    create("gone", "s3fs", "onRemove=delete");
    containers.run("gone", "mkdir /m/d && echo x > /m/d/x && echo y > /m/y");
    BED.awaitReleased("gone");
    engine.docker("volume", "rm", "gone");
    assertThat(STORE.keys(S3Store.BUCKET))
        .noneMatch(key -> key.startsWith("gone/"))
        .contains("gone-not/x");
  }

  /** The bucket is gone for good, and a file was not in it yet. */
  @Test
  void whatTheStoreNeverTakesIsGivenUpByThatWordOnly() {
    STORE.createBucket("doomed");
    create("unsent", "rclone", "bucket=doomed", "prefix=p");
    containers.start("writer", "unsent");
    STORE.deleteBucket("doomed");
    containers.exec("writer", "echo lost > /m/x");
    containers.remove("writer");
    String wayOut = "berth release --force --discard unsent";
    for (Output refused :
        List.of(
            engine.tryDocker("volume", "rm", "unsent"),
            BED.berth().command("release", "--force", "unsent").run())) {
      assertThat(refused.succeeded()).as(refused.describe()).isFalse();
      assertThat(refused.err()).contains("unsent", "1 file", wayOut);
    }
    Output given = BED.berth().command("release", "--force", "--discard", "unsent").run();
    assertThat(given.succeeded()).as(given.describe()).isTrue();
    assertThat(given.out()).contains("unsent", "files given up: 1");
    engine.docker("volume", "rm", "unsent");
    assertThat(clients()).isEmpty();
    assertThat(BED.volumeTraces()).isEmpty();
  }

  @Test
  void volumesOfOneBucketDoNotSeeEachOther() {
    create("left", "s3fs");
    create("right", "rclone");
    containers.run("left", "echo left > /m/only-left");
    assertThat(containers.run("right", "ls -a /m").text()).doesNotContain("only-left");
    assertThat(containers.run("left", "ls /m/..").text()).doesNotContain("right");
    containers.create("all", "backend=s3", "bucket=" + S3Store.BUCKET);
    assertThat(containers.run("all", "cat /m/left/only-left").text()).isEqualTo("left");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void readOnlyHoldsForVolumesAndForContainers(String client) {
    STORE.put(S3Store.BUCKET, "data/x", "kept");
    create("ro", client, "prefix=data", "readOnly=true");
    Output written = containers.tryRun("ro", "cat /m/x && echo no > /m/y");
    assertThat(written.succeeded()).isFalse();
    assertThat(written.text()).isEqualTo("kept");
    create("rw", client, "prefix=data");
    Output bound =
        engine.tryDocker(
            "run",
            "--rm",
            "--network",
            "none",
            "--volume",
            "rw:/m:ro",
            Images.PLAIN,
            "sh",
            "-c",
            "cat /m/x && echo no > /m/y");
    assertThat(bound.succeeded()).isFalse();
    assertThat(bound.text()).isEqualTo("kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aContainerWithoutRootCanWriteWithUidAndGid(String client) {
    create("users", client, "prefix=users-" + client, "uid=1000", "gid=1000", "mode=0770");
    Output output =
        engine.docker(
            "run",
            "--rm",
            "--network",
            "none",
            "--user",
            "1000:1000",
            "--volume",
            "users:/m",
            Images.PLAIN,
            "sh",
            "-c",
            "echo mine > /m/x && mkdir /m/d && stat -c '%u %g %a' /m /m/x && cat /m/x");
    assertThat(output.lines().getFirst()).isEqualTo("1000 1000 770");
    assertThat(output.lines().getLast()).isEqualTo("mine");
    Output other =
        engine.tryDocker(
            "run",
            "--rm",
            "--network",
            "none",
            "--user",
            "1001:1001",
            "--volume",
            "users:/m",
            Images.PLAIN,
            "ls",
            "/m");
    assertThat(other.succeeded()).isFalse();
  }

  private Output runWithData(String volume) {
    return engine.docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--volume",
        volume + ":/data",
        Images.WITH_DATA,
        "sh",
        "-c",
        "find /data -type f | sort");
  }

  @Test
  void anImagesFilesAreCopiedIntoANewVolumeOfRclone() {
    create("copied", "rclone");
    assertThat(runWithData("copied").lines()).containsExactly("/data/hello", "/data/sub/deep");
  }

  /** Its root takes no chmod, with which the copy begins: a marker keeps Docker from it. */
  @Test
  void aNewVolumeOfS3fsIsNotEmptySoThatTheContainerStarts() {
    create("marked", "s3fs");
    assertThat(runWithData("marked").lines()).containsExactly("/data/.berth-volume");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bucket=nobody-made-this|no bucket nobody-made-this",
        "profile=badkey|does not know the access key of the profile badkey",
        "profile=badsecret|signature wrong",
        "profile=nobody|no credentials",
        "endpoint=http://127.0.0.1:1|http://127.0.0.1:1 does not answer",
        "client=s3fs,cacheSize=1GiB|client=rclone or client=mount-s3 can"
      })
  void whatIsWrongIsSaidAtCreate(String options, String said) {
    assertRefused(said, options.split(","));
  }

  /** The time is told; how fast a loaded machine is decides nothing. */
  private void assertRefused(String said, String... options) {
    long started = System.nanoTime();
    Output output =
        containers.tryCreate(
            "wrong",
            Stream.concat(Stream.of("backend=s3"), Stream.of(options)).toArray(String[]::new));
    System.out.printf(
        "create with %s: refused after %d ms: %s%n",
        String.join(",", options), (System.nanoTime() - started) / 1_000_000, output.err().strip());
    assertThat(output.succeeded()).isFalse();
    assertThat(output.err()).contains("volume wrong", said);
    assertThat(BED.client().names()).doesNotContain("wrong");
  }

  @Test
  void aStoreThatTakesCallsAndNeverAnswersIsNamedAtCreate() throws IOException {
    try (ServerSocket silent = new ServerSocket(OTHER, 50, InetAddress.getLoopbackAddress())) {
      String endpoint = "http://127.0.0.1:" + silent.getLocalPort();
      assertRefused(endpoint + " does not answer (no answer in time)", "endpoint=" + endpoint);
    }
  }

  /** It would get the key's id and session token, and a client would follow where it redirects. */
  @Test
  void anEndpointThatIsNotConfiguredIsNotSpokenTo() throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      stranger.setSoTimeout(1);
      String endpoint = "http://127.0.0.1:" + stranger.getLocalPort();
      assertRefused("berth.s3.endpoints", "bucket=b-b", "endpoint=" + endpoint);
      assertRefused("berth.s3.endpoints", "bucket=b-b", "endpoint=http://169.254.169.254");
      assertThatThrownBy(stranger::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aBucketIsMadeIfThatIsAskedForAndStaysWhenTheVolumeIsRemoved() {
    assertRefused("no bucket made-by-berth", "bucket=made-by-berth");
    create("made", "rclone", "bucket=made-by-berth", "createBucket=true");
    containers.run("made", "echo x > /m/x");
    BED.awaitReleased("made");
    engine.docker("volume", "rm", "made");
    assertThat(STORE.keys("made-by-berth")).containsExactly("x");
  }

  @Test
  void aPrefixOfAnotherVolumeIsNotGivenToOneThatDeletesIt() {
    create("keeps", "rclone", "prefix=shared/a");
    assertRefused("overlaps volume keeps", "prefix=shared", "onRemove=delete");
    assertRefused("never emptied", "bucket=" + S3Store.BUCKET, "onRemove=delete");
  }

  @Test
  void theSameCreateTwiceIsOneVolumeAndAnotherIsRefused() {
    create("twice", "s3fs", "prefix=twice");
    create("twice", "s3fs", "prefix=twice");
    assertThat(
            BED.client()
                .create("twice", Map.of("backend", "s3", "client", "s3fs", "prefix", "elsewhere"))
                .error())
        .contains("volume twice exists with other options", "prefix=elsewhere");
  }

  /**
   * A store that says of any bucket, so many times, that it is in {@code region}; then it has it.
   */
  private static HttpServer redirectingTo(String region, int times) throws IOException {
    HttpServer redirecting =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), OTHER), 0);
    AtomicInteger asked = new AtomicInteger();
    redirecting.createContext(
        "/",
        exchange -> {
          boolean here = asked.incrementAndGet() > times;
          exchange.getResponseHeaders().set("x-amz-bucket-region", region);
          exchange.sendResponseHeaders(here ? 200 : 301, here ? EMPTY.length : -1);
          if (here) {
            exchange.getResponseBody().write(EMPTY);
          }
          exchange.close();
        });
    redirecting.start();
    return redirecting;
  }

  @Test
  void aBucketOfAnotherRegionIsNamedAtCreate() throws IOException {
    HttpServer redirecting = redirectingTo("eu-west-1", Integer.MAX_VALUE);
    try {
      Output output =
          containers.tryCreate(
              "elsewhere",
              "backend=s3",
              "bucket=some-bucket",
              "region=us-east-1",
              "endpoint=http://127.0.0.1:" + redirecting.getAddress().getPort());
      assertThat(output.err()).contains("is in eu-west-1, not in us-east-1");
    } finally {
      redirecting.stop(0);
    }
  }

  /** The ledger would have a row that nobody can read, and so nobody remove. */
  @Test
  void aStoreThatNamesWhatIsNoRegionLeavesNothing() throws IOException {
    HttpServer redirecting = redirectingTo("us-east-1,use_cache=/x", 1);
    try {
      String endpoint = "endpoint=http://127.0.0.1:" + redirecting.getAddress().getPort();
      assertRefused("answered 301", "bucket=some-bucket", endpoint);
    } finally {
      redirecting.stop(0);
    }
    create("wrong", "s3fs");
    engine.docker("volume", "rm", "wrong");
    assertThat(BED.client().names()).doesNotContain("wrong");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void aStoreThatGoesAndComesBackIsWaitedFor(String client) {
    create("away", client);
    containers.start("user", "away");
    containers.exec("user", "echo before > /m/x");
    String pid = containers.inspect("away", "{{.Status.clientPid}}");
    STORE.stop();
    try {
      await()
          .atMost(LIMIT)
          .until(
              () -> containers.inspect("away", "{{.Status.clientState}}").equals("endpoint-down"));
      assertThat(containers.inspect("away", "{{.Status.lastError}}")).contains("does not answer");
    } finally {
      STORE.start();
    }
    await()
        .atMost(LIMIT)
        .until(() -> containers.inspect("away", "{{.Status.clientState}}").equals("healthy"));
    assertThat(containers.exec("user", "cat /m/x").text()).isEqualTo("before");
    assertThat(containers.inspect("away", "{{.Status.clientPid}}")).isEqualTo(pid);
  }
}
