package dev.berth.backend.ebs.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstanceMetadataTest {
  private static final String TOKEN = "a-token";
  private HttpServer server;
  private String document = "{}";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/latest/api/token", exchange -> answer(exchange, 200, TOKEN));
    server.createContext(
        "/latest/dynamic/instance-identity/document",
        exchange -> {
          String token = exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token");
          answer(exchange, TOKEN.equals(token) ? 200 : 401, document);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getResponseHeaders().add("x-aws-ec2-metadata-token-ttl-seconds", "600");
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    try (exchange) {
      exchange.getResponseBody().write(body);
    }
  }

  private InstanceMetadata metadata() {
    return new InstanceMetadata(
        Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())));
  }

  @Test
  void instanceZoneAndRegionComeFromTheIdentityDocument() {
    document =
        """
        {"instanceId": "i-0123456789abcdef0", "availabilityZone": "eu-central-1b",
         "region": "eu-central-1", "instanceType": "m7i.large", "kernelId": null}""";
    assertThat(metadata().read())
        .isEqualTo(new InstanceIdentity("i-0123456789abcdef0", "eu-central-1b", "eu-central-1"));
  }

  @Test
  void aDocumentWithoutThemSaysWhatToSet() {
    assertThatThrownBy(() -> metadata().read())
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("berth.host-id");
  }

  @Test
  void noAnswerNamesTheHopLimitAndTheSettings() {
    server.stop(0);
    assertThatThrownBy(() -> metadata().read())
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("--http-put-response-hop-limit 2")
        .hasMessageContaining("berth.ebs.availability-zone");
  }
}
