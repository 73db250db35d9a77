package dev.berth.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** What the Docker engine of this host says about itself, as far as it matters to volumes. */
final class EngineCheck {
  static final Path SOCKET = Path.of("/run/docker.sock");
  static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int LARGEST = 1 << 20;
  private static final String USERNS = "name=userns";

  /** The engine keeps each remapped user's things in a directory named after it. */
  private static final Pattern REMAPPED_ROOT = Pattern.compile("/(\\d+)\\.(\\d+)$");

  /** Closed by the engine after its answer, which has no chunks then. */
  private static final String REQUEST = "GET /info HTTP/1.0\r\nHost: docker\r\n\r\n";

  private final Path socket;
  private final Duration limit;

  EngineCheck(Path socket, Duration limit) {
    this.socket = socket;
    this.limit = limit;
  }

  /** Blocks at most as long as the limit. */
  Finding finding() {
    if (Files.notExists(socket)) {
      return Finding.ok("engine", "no engine listens at %s".formatted(socket));
    }
    return info()
        .map(EngineCheck::finding)
        .orElseGet(
            () ->
                Finding.warning(
                    "engine", "the engine at %s does not say how it is set up".formatted(socket)));
  }

  private static Finding finding(JsonNode info) {
    boolean remaps =
        StreamSupport.stream(info.path("SecurityOptions").spliterator(), false)
            .map(JsonNode::asText)
            .anyMatch(option -> option.equals(USERNS) || option.startsWith(USERNS + ","));
    if (!remaps) {
      return Finding.ok("engine", "containers have the users of the host");
    }
    Matcher users = REMAPPED_ROOT.matcher(info.path("DockerRootDir").asText());
    String uid = users.find() ? users.group(1) : "<the first of /etc/subuid>";
    String gid = users.hasMatch() ? users.group(2) : "<the first of /etc/subgid>";
    return Finding.warning(
        "engine",
        "the engine has userns-remap, so root in its containers may not write to a volume that belongs to the host's: create volumes with '-o uid=%s -o gid=%s', or start Berth with BERTH_DEFAULTS_UID=%s and BERTH_DEFAULTS_GID=%s"
            .formatted(uid, gid, uid, gid));
  }

  private Optional<JsonNode> info() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      CompletableFuture<JsonNode> answer = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .name("engine info")
          .start(
              () -> {
                try {
                  answer.complete(ask(channel));
                } catch (IOException | RuntimeException e) {
                  answer.completeExceptionally(e);
                }
              });
      return Optional.of(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (IOException | ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private JsonNode ask(SocketChannel channel) throws IOException {
    channel.connect(UnixDomainSocketAddress.of(socket));
    ByteBuffer request = ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.US_ASCII));
    while (request.hasRemaining()) {
      channel.write(request);
    }
    try (InputStream answer = Channels.newInputStream(channel)) {
      String text = new String(answer.readNBytes(LARGEST), StandardCharsets.UTF_8);
      int body = text.indexOf("\r\n\r\n");
      if (!text.startsWith("HTTP/1.") || !text.substring(9).startsWith("200") || body < 0) {
        throw new IOException("not what an engine says");
      }
      JsonNode info = new ObjectMapper().readTree(text.substring(body));
      if (!info.isObject()) {
        throw new IOException("not what an engine says");
      }
      return info;
    }
  }
}
