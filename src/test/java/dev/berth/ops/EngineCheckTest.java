package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ops.Finding.Severity;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers as dockerd 20.10 and 29 give them, cut down to what matters. */
class EngineCheckTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void withUsernsRemapTheOptionsThatAreNeededAreNamed() throws IOException {
    Finding finding =
        answered(
            """
            {"DockerRootDir":"/var/lib/docker/231072.231073",
             "SecurityOptions":["name=seccomp,profile=default","name=userns"]}
            """);
    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.message())
        .contains("-o uid=231072 -o gid=231073")
        .contains("BERTH_DEFAULTS_UID=231072")
        .contains("BERTH_DEFAULTS_GID=231073");
  }

  @Test
  void withoutItAllIsWell() throws IOException {
    Finding finding =
        answered(
            """
            {"DockerRootDir":"/var/lib/docker","SecurityOptions":["name=seccomp,profile=default"],
             "Labels":["name=userns"]}
            """);
    assertThat(finding.severity()).isEqualTo(Severity.OK);
  }

  @Test
  void anEngineThatSaysNothingUsefulIsAWarning() throws IOException {
    assertThat(answered("nonsense").severity()).isEqualTo(Severity.WARNING);
    assertThat(answered("").severity()).isEqualTo(Severity.WARNING);
  }

  @Test
  void noEngineIsNoTrouble() {
    assertThat(new EngineCheck(directory.resolve("none"), LONG).finding().severity())
        .isEqualTo(Severity.OK);
  }

  @Test
  void oneThatDoesNotAnswerIsNotWaitedForForLong() throws IOException {
    Path socket = directory.resolve("deaf");
    try (ServerSocketChannel server = listening(socket)) {
      assertThat(server.isOpen()).isTrue();
      assertThat(new EngineCheck(socket, Duration.ofMillis(100)).finding().severity())
          .isEqualTo(Severity.WARNING);
    }
  }

  private Finding answered(String json) throws IOException {
    Path socket = directory.resolve("s" + System.nanoTime());
    String answer =
        "HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n\r\n" + json;
    try (ServerSocketChannel server = listening(socket)) {
      Thread.ofPlatform().daemon().start(() -> serve(server, answer));
      return new EngineCheck(socket, LONG).finding();
    }
  }

  private static void serve(ServerSocketChannel server, String answer) {
    try (SocketChannel client = server.accept()) {
      client.read(ByteBuffer.allocate(4096));
      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ServerSocketChannel listening(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    return server;
  }
}
