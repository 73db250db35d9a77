package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which keys. */
@SuppressWarnings("NullAway.Init")
class CredentialsEndpointTest {
  private static final String FILE = "aws.sharedCredentialsFile";

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
    return new CredentialsEndpoint(directory.resolve("s3"), new S3Access(), Clock.systemUTC());
  }

  private static Volume volume(String name, Map<String, String> options) {
    return Volume.creating(
        new VolumeName(name),
        S3Options.BACKEND,
        new OptionSchema(S3Options.ALL).parse(options),
        new HostId("h"),
        Instant.EPOCH);
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

  @Test
  void eachVolumeGetsItsOwnKeysForItsOwnToken() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint one = endpoint.serve(volume("one", Map.of("bucket", "bucket-a")));
      ClientKeys.Endpoint two =
          endpoint.serve(volume("two", Map.of("bucket", "bucket-a", "profile", "other")));
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
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("{}");
      }
    }
  }

  @Test
  void aVolumeWithoutAClientGetsNone() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      Volume volume = volume("one", Map.of("bucket", "bucket-a"));
      ClientKeys.Endpoint keys = endpoint.serve(volume);
      endpoint.forget(volume.id());
      assertThat(ask(keys.uri(), keys.token()).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void missingKeysAreNoAnswerAndNoEndOfIt() throws IOException {
    try (CredentialsEndpoint endpoint = endpoint()) {
      ClientKeys.Endpoint keys =
          endpoint.serve(volume("one", Map.of("bucket", "bucket-a", "profile", "nobody")));
      assertThat(ask(keys.uri(), keys.token()).statusCode()).isEqualTo(503);
    }
  }

  @Test
  void clientsFindItAgainAfterARestart() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    ClientKeys.Endpoint before;
    try (CredentialsEndpoint endpoint = endpoint()) {
      before = endpoint.serve(volume);
    }
    try (CredentialsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.serve(volume)).isEqualTo(before);
    }
    assertThat(before.toString()).doesNotContain(before.token());
    Path key = directory.resolve("s3/endpoint.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
  }

  @Test
  void aPortThatIsTakenIsNotWaitedFor() throws IOException {
    Volume volume = volume("one", Map.of("bucket", "bucket-a"));
    int port;
    try (CredentialsEndpoint endpoint = endpoint()) {
      port = endpoint.serve(volume).uri().getPort();
    }
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
        CredentialsEndpoint endpoint = endpoint()) {
      assertThat(endpoint.serve(volume).uri().getPort()).isNotEqualTo(taken.getLocalPort());
    }
  }
}
