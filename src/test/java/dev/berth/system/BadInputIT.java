package dev.berth.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.BodyOracle;
import dev.berth.testing.Connection;
import dev.berth.testing.HttpMessage;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RawOptions;
import dev.berth.testing.RawRequest;
import dev.berth.testing.RawRequests;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Requests of every form, few of them right. Each test prints its seed; {@code
 * -Dberth.input.seed=…} repeats one, {@code -Dberth.input.requests=100000} runs longer.
 */
@Rule({1, 15})
@RequiresSystem(engine = false)
class BadInputIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final int REQUESTS = Integer.getInteger("berth.input.requests", 2_000);
  private static final int WARM_UP = 300;
  private static final int FAILURES_SHOWN = 20;
  private static final int MORE_DESCRIPTORS = 4;
  private static final int MORE_THREADS = 6;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** A class of Java in a text for people. */
  private static final Pattern CLASS_NAME =
      Pattern.compile("([a-z]\\w+\\.){2,}[A-Z]\\w|\\w{3}Exception|JsonToken|[a-z]Feature");

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("Any bytes: one JSON answer or none, no success for what is broken, nothing left")
  void anyBytes() throws IOException {
    List<String> outside = BED.filesOutsideRoot();
    Random random = random("any bytes");
    RawRequests requests = new RawRequests(random, "bytes");
    send(requests, WARM_UP);
    Map<String, Long> before = usage();
    send(requests, REQUESTS);
    await("no descriptors, no threads left")
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(usage().get("fd"))
                  .isLessThanOrEqualTo(before.get("fd") + MORE_DESCRIPTORS);
              assertThat(usage().get("task"))
                  .isLessThanOrEqualTo(before.get("task") + MORE_THREADS);
            });
    assertThat(BED.filesOutsideRoot()).isEqualTo(outside);
    assertThat(client.names()).allMatch(BodyOracle::isName);
  }

  private void send(RawRequests requests, int count) {
    List<String> failures = new ArrayList<>();
    for (int sent = 0; sent < count; sent++) {
      RawRequest request = requests.next();
      try {
        check(request);
        client.call("VolumeDriver.Capabilities", "{}").orFail();
      } catch (IOException | RuntimeException | AssertionError e) {
        failures.add("request %d, %s: %s".formatted(sent, request, e));
      }
    }
    assertThat(failures.stream().limit(FAILURES_SHOWN)).isEmpty();
  }

  private static void check(RawRequest request) throws IOException {
    try (Connection connection = Connection.open(BED.berth().socket())) {
      write(connection, request.bytes());
      switch (request.form()) {
        case WHOLE -> checkAnswer(request, answer(connection));
        case REFUSED -> checkRefusal(request, connection.readToEnd(PATIENCE));
        case PART -> {
          connection.finish();
          assertThat(connection.readToEnd(PATIENCE)).isEmpty();
        }
        case UNKNOWN -> {
          connection.finish();
          checkWhatever(connection.readToEnd(PATIENCE));
        }
      }
    }
  }

  /** A server that refuses a request need not take all of it. */
  private static void write(Connection connection, byte[] bytes) {
    try {
      connection.write(bytes);
    } catch (IOException e) {
      assertThat(bytes.length).as("%s", e).isGreaterThan(1000);
    }
  }

  /** The next answer that is more than the leave to go on. */
  private static HttpMessage answer(Connection connection) throws IOException {
    HttpMessage message = connection.read(PATIENCE).orElseThrow(() -> new EOFException("closed"));
    return message.startLine().contains(" 100 ") ? answer(connection) : message;
  }

  private static void checkAnswer(RawRequest request, HttpMessage message) {
    Reply reply = Reply.of(message);
    if (reply.status() == 204) {
      assertThat(request.call()).startsWith("v1/snapshots/");
      return;
    }
    checkJson(reply);
    if (errorText(reply).isEmpty()) {
      assertThat(reply.status()).isEqualTo(200);
      assertThat(BodyOracle.allows(request.call(), request.body())).as("%s", reply).isTrue();
      assertThat(reply.json().has("error")).isFalse();
    }
    if (!reply.mountpoint().isEmpty()) {
      assertThat(Path.of(reply.mountpoint()).normalize()).startsWithRaw(BED.root().resolve("mnt"));
    }
  }

  private static void checkRefusal(RawRequest request, byte[] bytes) throws IOException {
    if (request.text().startsWith("HEAD ")) {
      assertThat(new String(bytes, ISO_8859_1)).startsWith("HTTP/1.1 405 ").endsWith("\r\n\r\n");
      return;
    }
    List<Reply> replies = replies(bytes);
    assertThat(replies).hasSize(1);
    checkJson(replies.getFirst());
    assertThat(replies.getFirst().status()).isBetween(400, 499);
    assertThat(errorText(replies.getFirst())).contains("nothing was changed");
  }

  /** Bytes that are no HTTP are refused with a bare status. */
  private static void checkWhatever(byte[] bytes) throws IOException {
    for (Reply reply : replies(bytes)) {
      if (reply.body().isEmpty()) {
        assertThat(reply.status()).isBetween(400, 499);
      } else {
        checkJson(reply);
      }
    }
  }

  private static List<Reply> replies(byte[] bytes) throws IOException {
    ByteArrayInputStream stream = new ByteArrayInputStream(bytes);
    List<Reply> replies = new ArrayList<>();
    for (Optional<HttpMessage> next = HttpMessage.read(stream);
        next.isPresent();
        next = HttpMessage.read(stream)) {
      replies.add(Reply.of(next.get()));
    }
    return replies;
  }

  private static void checkJson(Reply reply) {
    assertThat(reply.headers().get("content-type")).contains("json");
    assertThat(reply.headers()).containsKey("content-length");
    assertThat(reply.json().isContainerNode()).as("%s", reply).isTrue();
    assertThat(reply.status() == 200 || reply.status() >= 400).as("%s", reply).isTrue();
    String error = errorText(reply);
    assertThat(reply.status() == 200 || !error.isBlank()).as("%s", reply).isTrue();
    assertThat(error).doesNotContainPattern(CLASS_NAME);
    assertThat(error).matches("\\P{Cntrl}*");
    assertThat(error.length()).isLessThan(2_000);
  }

  private static String errorText(Reply reply) {
    return reply.error() + reply.json().path("error").asText("");
  }

  @Test
  @DisplayName("Requests sent at once are answered one by one, each as if it came alone")
  void pipelines() throws IOException {
    RawRequests requests = new RawRequests(random("pipelines"), "pipe");
    for (int sent = 0; sent < REQUESTS / 10; sent++) {
      List<RawRequest> pipeline = requests.pipeline();
      try (Connection connection = Connection.open(BED.berth().socket())) {
        for (RawRequest request : pipeline) {
          write(connection, request.bytes());
        }
        for (RawRequest request : pipeline) {
          checkAnswer(request, answer(connection));
        }
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("pipeline %d, %s".formatted(sent, pipeline), e);
      }
    }
  }

  @Test
  @DisplayName("Any names, options and sizes: refused with a reason, or a volume below the root")
  void anyNamesAndOptions() {
    List<String> outside = BED.filesOutsideRoot();
    Random random = random("names, options and sizes");
    RawOptions options = new RawOptions(random);
    int made = 0;
    for (int sent = 0; sent < REQUESTS / 2; sent++) {
      String name = random.nextInt(3) == 0 ? options.name() : "opts" + random.nextInt(50);
      Map<String, String> given = options.next();
      Reply reply = client.create(name, given);
      try {
        checkJson(reply);
        if (reply.error().isEmpty()) {
          assertThat(BodyOracle.isName(name)).isTrue();
          assertThat(BED.images(name)).isNotEmpty();
          client.get(name).orFail();
          client.remove(name).orFail();
          made++;
        } else {
          client.get(name).failed();
          client.mount(name, "id").failed();
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "create %d of %s: %s".formatted(sent, PluginClient.json(Map.of(name, given)), reply),
            e);
      }
    }
    System.out.printf("%d of %d volumes were made%n", made, REQUESTS / 2);
    assertThat(made).isBetween(1, REQUESTS / 2 - 1);
    assertThat(client.names()).isEmpty();
    assertThat(BED.filesOutsideRoot()).isEqualTo(outside);
  }

  private static Random random(String what) {
    long seed = Long.getLong("berth.input.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    System.out.printf("bad input: %s with -Dberth.input.seed=%d%n", what, seed);
    return new Random(seed);
  }

  private static Map<String, Long> usage() throws IOException {
    Path process = Path.of("/proc", "" + BED.berth().pid());
    return Map.of("fd", count(process.resolve("fd")), "task", count(process.resolve("task")));
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    }
  }
}
