package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.host.ProcessId;
import dev.berth.testing.Rule;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which keys. The client is this process, unless a test says otherwise. */
@Rule(16)
@SuppressWarnings("NullAway.Init")
class CredentialsEndpointTest {
  private static final String FILE = "aws.sharedCredentialsFile";
  private static final ProcessId SELF = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();

  @TempDir Path directory;

  @AfterEach
  void forgetProfiles() {
    System.clearProperty(FILE);
  }

  private CredentialsEndpoint endpoint() throws IOException {
    Path file = directory.resolve("credentials");
    Files.writeString(
        file,
        "[default]%naws_access_key_id = AKIA1%naws_secret_access_key = SECRET1%n".formatted()
            + "[other]%naws_access_key_id = AKIA2%naws_secret_access_key = SECRET2%naws_session_token = T2%n"
                .formatted());
    System.setProperty(FILE, file.toString());
    return new CredentialsEndpoint(
        directory.resolve("s3"), new S3Access(endpoint -> Optional.empty()), Clock.systemUTC());
  }

  private static Volume volume(String name, Map<String, String> options) {
    return Volume.creating(
        new VolumeName(name),
        S3Options.BACKEND,
        new OptionSchema(S3Options.ALL).parse(options),
        new HostId("h"),
        Instant.EPOCH);
  }

  private ClientDirectory state(Volume volume) {
    return ClientDirectory.of(directory.resolve("s3"), volume.id());
  }

  private ClientKeys.Endpoint offered(
      CredentialsEndpoint endpoint, Volume volume, int generation, ProcessId client) {
    ClientKeys.Endpoint keys = endpoint.offer(volume, generation);
    state(volume).make(generation);
    endpoint.started(volume, state(volume), generation, client);
    return keys;
  }

  private static HttpResponse<String> ask(URI uri, String token) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri).header("Authorization", token).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).isEqualTo("{}");
  }

  @Test
  void eachVolumeGetsItsOwnKeysForItsOwnToken() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint one =
          offered(endpoint, volume("one", Map.of("bucket", "bucket-a")), 1, SELF);
      Volume other = volume("two", Map.of("bucket", "bucket-a", "profile", "other"));
      ClientKeys.Endpoint two = offered(endpoint, other, 1, SELF);
      assertThat(one.uri().getHost()).isEqualTo("127.0.0.1");
      assertThat(ask(one.uri(), one.token()).body())
          .contains("\"AccessKeyId\":\"AKIA1\"", "\"SecretAccessKey\":\"SECRET1\"", "Expiration")
          .doesNotContain("Token");
      assertThat(ask(two.uri(), two.token()).body()).contains("AKIA2", "\"Token\":\"T2\"");
      for (HttpResponse<String> refused :
          List.of(
              ask(one.uri(), two.token()),
              ask(two.uri(), ""),
              ask(one.uri().resolve("/"), one.token()),
              ask(one.uri().resolve("/creds"), one.token()))) {
        assertRefused(refused);
      }
    }
  }

  @Test
  void aVolumeWithoutAClientGetsNone() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      Volume volume = volume("one", Map.of("bucket", "bucket-a"));
      ClientKeys.Endpoint keys = offered(endpoint, volume, 1, SELF);
      endpoint.forget(volume.id());
      assertRefused(ask(keys.uri(), keys.token()));
    }
  }

  @Test
  void missingKeysAreNoAnswerAndNoEndOfIt() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      Volume volume = volume("one", Map.of("bucket", "bucket-a", "profile", "nobody"));
      ClientKeys.Endpoint keys = offered(endpoint, volume, 1, SELF);
      assertThat(ask(keys.uri(), keys.token()).statusCode()).isEqualTo(503);
    }
  }

  /** A token that leaked, in whatever way, is worth nothing to who is not the client. */
  @Test
  void aTokenHoldsForItsClientOnly() throws Exception {
    Process sleeper = new ProcessBuilder("sleep", "600").start();
    try (CredentialsEndpoint endpoint = endpoint()) {
      ProcessId client = ProcessId.of(sleeper.pid()).orElseThrow();
      ClientKeys.Endpoint keys =
          offered(endpoint, volume("one", Map.of("bucket", "bucket-a")), 1, client);
      assertRefused(ask(keys.uri(), keys.token()));
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }

  /** Wrappers in front of a client, and what a client starts to ask for it, are the client. */
  @Test
  void whatAClientStartsInItsSessionIsTheClient() throws Exception {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    Path script = directory.resolve("client");
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint keys = endpoint.offer(volume, 1);
      Files.writeString(
          script,
          "busybox wget -q -O %s --header 'Authorization: %s' %s; exec sleep 600"
              .formatted(directory.resolve("answer"), keys.token(), keys.uri()));
      Process client = new ProcessBuilder("setsid", "sh", script.toString()).start();
      try {
        state(volume).make(1);
        endpoint.started(volume, state(volume), 1, ProcessId.of(client.pid()).orElseThrow());
        await()
            .atMost(SupervisionContract.LIMIT)
            .untilAsserted(
                () -> assertThat(directory.resolve("answer")).content().contains("SECRET1"));
      } finally {
        client.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void eachClientThatIsStartedHasATokenOfItsOwn() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint first = offered(endpoint, volume, 1, SELF);
      ClientKeys.Endpoint second = offered(endpoint, volume, 2, SELF);
      assertThat(second.token()).isNotEqualTo(first.token());
      assertThat(ask(first.uri(), first.token()).statusCode()).isEqualTo(200);
      assertRefused(ask(second.uri(), first.token()));
    }
  }

  @Test
  void clientsFindItAgainAfterARestart() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    ClientKeys.Endpoint before;
    try (CredentialsEndpoint endpoint = endpoint()) {
      before = offered(endpoint, volume, 1, SELF);
    }
    try (CredentialsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.serveAgain(volume, state(volume))).containsExactly(SELF);
      assertThat(ask(before.uri(), before.token()).body()).contains("SECRET1");
    }
    assertThat(before.toString()).doesNotContain(before.token());
    Path record = state(volume).path().resolve("keys.1");
    assertThat(record).content().contains(before.token());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record)))
        .isEqualTo("rw-------");
  }

  /** A client that is started anew would have the pid of one that ended, never its start. */
  @Test
  void tokensOfClientsThatEndedAreForgotten() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    ClientKeys.Endpoint before;
    try (CredentialsEndpoint endpoint = endpoint()) {
      before = offered(endpoint, volume, 1, new ProcessId(SELF.pid(), SELF.startTicks() - 1));
      assertRefused(ask(before.uri(), before.token()));
    }
    try (CredentialsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.serveAgain(volume, state(volume))).isEmpty();
      assertRefused(ask(before.uri(), before.token()));
    }
    assertThat(state(volume).path().resolve("keys.1")).doesNotExist();
  }

  /** What was sent there may be known to whoever has the port. */
  @Test
  void aPortThatIsTakenIsNotWaitedForAndItsTokensAreWorthNothing() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    ClientKeys.Endpoint before;
    try (CredentialsEndpoint endpoint = endpoint()) {
      before = offered(endpoint, volume, 1, SELF);
    }
    int port = before.uri().getPort();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
        CredentialsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.serveAgain(volume, state(volume))).isEmpty();
      ClientKeys.Endpoint after = endpoint.offer(volume, 2);
      assertThat(after.uri().getPort()).isNotEqualTo(taken.getLocalPort());
      assertRefused(ask(after.uri().resolve(before.uri().getPath()), before.token()));
    }
  }

  /** Whoever connects and says nothing, or too much, or too slowly, keeps nobody out. */
  @Test
  void idleConnectionsKeepNobodyOut() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint keys =
          offered(endpoint, volume("one", Map.of("bucket", "bucket-a")), 1, SELF);
      for (int i = 0; i < 150; i++) {
        idle.add(new Socket(InetAddress.ofLiteral("127.0.0.1"), keys.uri().getPort()));
      }
      assertThat(ask(keys.uri(), keys.token()).statusCode()).isEqualTo(200);
      try (Socket endless = new Socket(InetAddress.ofLiteral("127.0.0.1"), keys.uri().getPort())) {
        byte[] much =
            "GET / HTTP/1.1\r\nX: y\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 1000; i++) {
                    endless.getOutputStream().write(much);
                  }
                })
            .isInstanceOf(IOException.class);
      }
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }
}
