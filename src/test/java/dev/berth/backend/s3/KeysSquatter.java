package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import dev.berth.testing.Output;
import dev.berth.testing.Ports;
import dev.berth.testing.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * An attacker: has the port at which clients ask for their keys, as a container in the host's
 * network may, and notes what they send.
 */
final class KeysSquatter implements AutoCloseable {
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  private static final String BIND =
      "socket(my $s, PF_INET, SOCK_STREAM, 0); "
          + "bind($s, pack_sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die \"$!\\n\"";

  private final ServerSocket socket;
  private final CompletableFuture<Loot> loot = new CompletableFuture<>();

  /** What a client sent. */
  record Loot(String path, String token) {
    /** Neither to root nor to another user. */
    void assertWorthNothingOn(int port) {
      for (List<String> who : List.of(List.<String>of(), NOBODY)) {
        List<String> line = new ArrayList<>(who);
        line.addAll(List.of("timeout", "20", "busybox", "wget", "-q", "-O", "-"));
        line.addAll(List.of("--header", "Authorization: " + token));
        line.add(URI.create("http://127.0.0.1:" + port + path).toString());
        Output answer = Run.of(line.toArray(String[]::new)).run();
        assertThat(answer.succeeded()).isFalse();
        assertThat(answer.err()).as("it did ask").contains("wget:");
        assertThat(answer.out() + answer.err()).doesNotContain("SecretAccessKey");
      }
    }
  }

  /** A user without rights is refused the port, and not another one. */
  static void assertNobodyCanHave(int port) {
    assertThat(bindAsNobody(Ports.free()).err()).isEmpty();
    assertThat(bindAsNobody(port).err()).isEqualToIgnoringNewLines("Permission denied");
  }

  private static Output bindAsNobody(int port) {
    List<String> line = new ArrayList<>(NOBODY);
    line.addAll(List.of("perl", "-MSocket", "-e", BIND, "" + port));
    return Run.of(line.toArray(String[]::new)).with(Map.of("LC_ALL", "C")).run();
  }

  KeysSquatter(int port) throws IOException {
    socket = new ServerSocket(port, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::collect);
  }

  private void collect() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept();
          BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
        List<String> head = lines.lines().takeWhile(text -> !text.isEmpty()).toList();
        head.stream()
            .filter(line -> line.startsWith("Authorization: "))
            .map(line -> line.substring(line.indexOf(' ') + 1))
            .forEach(token -> loot.complete(new Loot(head.getFirst().split(" ", -1)[1], token)));
        client
            .getOutputStream()
            .write(
                "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The next one.
      }
    }
  }

  /**
   * Files are written, each of which is uploaded, until the client's keys have expired and it asks
   * for others. From then on whoever writes waits for it.
   */
  Loot awaitLoot(Path directory) {
    var _ =
        Async.start(
            () -> {
              for (int i = 1; !loot.isDone(); i++) {
                Files.writeString(directory.resolve("while" + i), "x");
                Async.pause(Duration.ofSeconds(2));
              }
              return true;
            });
    return Async.get(loot, SupervisionContract.LIMIT.multipliedBy(3));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
