package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.volume.ByteSize;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;

/** To whom volumes can make this host speak. */
class EndpointsTest {
  private static S3Config.Store config(Optional<String> endpoint, String... others) {
    return new S3Bed.Settings(
        Path.of("/r"),
        Optional.empty(),
        endpoint,
        others.length == 0 ? Optional.empty() : Optional.of(List.of(others)),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        ByteSize.parse("1GiB"),
        Duration.ofSeconds(1));
  }

  private static Optional<String> refusal(String endpoint, S3Config.Store config) {
    return Endpoints.of(config).refusal(URI.create(endpoint));
  }

  /** A default installation speaks to AWS only, and to what it is told to. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://store.example",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://0.0.0.0:9000",
        "http://2130706433",
        "http://localhost:9000"
      })
  void whatIsNotConfiguredIsRefusedWithTheSetting(String endpoint) {
    for (S3Config.Store config :
        List.of(
            config(Optional.empty()),
            config(Optional.of("https://other.example"), "https://third.example"))) {
      assertThat(refusal(endpoint, config))
          .hasValueSatisfying(why -> assertThat(why).contains(endpoint, "berth.s3.endpoints"));
    }
  }

  @Test
  void whatIsConfiguredIsSpokenTo() {
    S3Config.Store config =
        config(
            Optional.of("http://127.0.0.1:9000/"),
            "https://192.0.2.1",
            "http://localhost:4566",
            "http://[::1]:9000",
            "http://169.254.1.1");
    for (String endpoint :
        List.of(
            "http://127.0.0.1:9000",
            "https://192.0.2.1:443",
            "http://LOCALHOST:4566",
            "http://[::1]:9000",
            "http://169.254.1.1:80")) {
      assertThat(refusal(endpoint, config)).isEmpty();
    }
    for (String endpoint :
        List.of(
            "https://127.0.0.1:9000",
            "http://127.0.0.1:9001",
            "http://192.0.2.1",
            "http://127.0.0.2:9000")) {
      assertThat(refusal(endpoint, config)).isPresent();
    }
  }

  /** Whoever has the name's zone could have it lead to services of the host. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "fd00:ec2::254"
      })
  void aNameThatLeadsToTheHostItselfIsRefused(String address) {
    Endpoints endpoints =
        new Endpoints(
            config(Optional.empty(), "http://store.example"),
            host -> Stream.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral(address)));
    assertThat(endpoints.refusal(URI.create("http://store.example")))
        .hasValueSatisfying(why -> assertThat(why).contains("store.example", "of this host"));
  }

  @Test
  void anUnknownNameIsLeftToTheStoresClient() {
    assertThat(
            refusal(
                "http://no-such-host.invalid", config(Optional.of("http://no-such-host.invalid"))))
        .isEmpty();
  }

  @Test
  void aSettingThatIsNoUrlIsNamed() {
    assertThatThrownBy(() -> Endpoints.of(config(Optional.empty(), "https://a.example/path")))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("berth.s3.endpoints: 'https://a.example/path'");
  }

  /** Rows of other hosts, and of before, name endpoints too. */
  @Test
  void neitherRequestsNorCredentialsAreMadeForAStranger() throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      stranger.setSoTimeout(1);
      URI endpoint = URI.create("http://127.0.0.1:" + stranger.getLocalPort());
      S3Access access = new S3Access(Endpoints.of(config(Optional.empty()))::refusal);
      Store store = new Store(Optional.of(endpoint), Region.US_EAST_1, true);
      CredentialSource source = new CredentialSource(Optional.empty(), Optional.empty());
      assertThatThrownBy(() -> access.client(store, source))
          .isInstanceOf(VolumeException.Refused.class);
      assertThatThrownBy(() -> access.credentials(store, source))
          .isInstanceOf(VolumeException.Refused.class);
      S3Target target =
          S3Target.of(
              new VolumeName("photos"),
              new OptionSchema(S3Options.ALL)
                  .parse(Map.of("bucket", "b-b", "endpoint", endpoint.toString())),
              Optional.empty());
      assertThat(new Preflight(access).trouble(target, Optional.empty()))
          .hasValueSatisfying(why -> assertThat(why).contains("volume photos", "endpoints"));
      assertThatThrownBy(stranger::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }
}
