package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Connection;
import dev.berth.testing.HttpMessage;
import dev.berth.testing.Output;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Schema;
import dev.berth.testing.TestBed;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Start, stop and what the socket is meanwhile. */
@RequiresSystem(engine = false)
class WireLifeIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("61: a volume whose data is out of reach is still known, and Mount says so")
  void case61_backendOutOfReach() throws IOException {
    client.create("c61", Map.of("label.team", "db")).orFail();
    client.mount("c61", "x").orFail();
    Files.writeString(BED.data("c61").resolve("kept"), "precious");
    client.unmount("c61", "x").orFail();
    BED.awaitReleased("c61");
    Path image = BED.images("c61").getFirst();
    Path away = Files.move(image, image.resolveSibling("away"));
    BED.berth().stop();
    BED.berth().start();
    assertThat(client.names()).contains("c61");
    Schema.checkVolume(client.get("c61").orFail().volume(), "c61", BED.data("c61"));
    assertThat(BED.berth().command("ls").succeed().out()).contains("c61");
    assertThat(BED.berth().command("inspect", "c61").succeed().out()).contains("db");
    assertThat(client.mount("c61", "y").failed().error()).contains("c61");
    assertThat(BED.volumeTraces()).isEmpty();
    Files.move(away, image);
    client.mount("c61", "z").orFail();
    assertThat(Files.readString(BED.data("c61").resolve("kept"))).isEqualTo("precious");
  }

  @Test
  @DisplayName("67: a backend that hangs at start does not delay the socket")
  void case67_answersBeforeTheBackend() {
    client.create("c67", Map.of()).orFail();
    client.mount("c67", "x").orFail();
    BED.berth().killWithChildren();
    for (String tool : List.of("losetup", "mount", "umount", "e2fsck")) {
      BED.tools().hold(tool, "");
    }
    BED.berth().launch();
    await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(BED.berth()::answers);
    client.activate().orFail();
    client.get("c67").orFail();
    assertThat(client.names()).contains("c67");
    BED.berth().killWithChildren();
    BED.tools().clear();
    BED.berth().start();
  }

  @Test
  @DisplayName("68: the socket is root's alone, goes with a stop, and a stale one is replaced")
  void case68_socketFile() throws IOException {
    Path socket = BED.berth().socket();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isIn("rw-------", "rw-rw----");
    assertThat(Files.getOwner(socket).getName()).isEqualTo("root");
    BED.berth().stop();
    assertThat(socket).doesNotExist();
    BED.berth().start();
    BED.berth().kill();
    assertThat(socket).exists();
    BED.berth().start();
    client.activate().orFail();
  }

  @Test
  @DisplayName("68: a second Berth exits and does not take the socket")
  void case68_secondInstanceExits() {
    Output second = BED.berth().command("serve").within(LIMIT).run();
    assertThat(second.status()).as("%s", second.describe()).isNotZero();
    client.activate().orFail();
    assertThat(BED.berth().isRunning()).isTrue();
  }

  @Test
  @DisplayName("69: an idle connection is still good")
  void case69_idleConnection() throws IOException {
    Duration idle = Duration.ofSeconds(Integer.getInteger("berth.test.idle", 15));
    byte[] request = PluginClient.request("VolumeDriver.List", "{}");
    try (Connection connection = Connection.open(BED.berth().socket())) {
      Reply.of(connection.exchange(request, LIMIT)).orFail();
      Async.pause(idle);
      Reply.of(connection.exchange(request, LIMIT)).orFail();
    }
  }

  @Test
  @DisplayName("69: SIGTERM under load: what is in flight is answered, and nothing by halves")
  void case69_stopUnderLoad() {
    client.create("c69", Map.of()).orFail();
    BED.tools().delayBefore("mkfs.ext4", "/c69.", Duration.ofSeconds(5));
    Future<Reply> mount = Async.start(() -> client.mount("c69", "x"));
    await().until(() -> BED.tools().hits("mkfs.ext4", "/c69.") == 1);
    List<Future<Integer>> load = new ArrayList<>();
    CountDownLatch answered = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      load.add(Async.start(() -> askUntilRefused(answered)));
    }
    Async.await(answered);
    BED.berth().terminate();
    assertThat(Async.get(mount, LIMIT).orFail().mountpoint()).isNotEmpty();
    BED.berth().awaitEnd(LIMIT);
    assertThat(BED.mounted("c69")).as("a volume in use stays mounted").isTrue();
    load.forEach(asking -> assertThat(Async.get(asking, LIMIT)).isPositive());
    BED.berth().start();
  }

  /** Asks over one connection until the server closes it; half an answer is a failure. */
  private static int askUntilRefused(CountDownLatch first) throws IOException {
    byte[] request = PluginClient.request("VolumeDriver.List", "{}");
    int answered = 0;
    try (Connection connection = Connection.open(BED.berth().socket())) {
      while (true) {
        Optional<HttpMessage> reply = ask(connection, request);
        if (reply.isEmpty()) {
          return answered;
        }
        Reply.of(reply.get()).orFail();
        if (answered++ == 0) {
          first.countDown();
        }
      }
    }
  }

  private static Optional<HttpMessage> ask(Connection connection, byte[] request)
      throws IOException {
    try {
      connection.write(request);
      return connection.read(LIMIT);
    } catch (EOFException e) {
      throw e;
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
