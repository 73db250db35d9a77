package dev.berth.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Connection;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many callers at once. Nothing of them is left afterwards, on the host or in the process. */
@Rule(10)
@RequiresSystem(engine = false)
class ParallelIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.berthOnly().with("BERTH_DEFAULTS_SIZE", "16MiB"));

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final PluginClient client = BED.client();
  private Footprint before;

  @BeforeEach
  void measure() {
    live("warm-up", 20);
    before = Footprint.of(BED);
  }

  @Test
  @DisplayName("Fifty callers create, mount, write, unmount and remove fifty volumes at once")
  void fiftyVolumesAtOnce() {
    live("full", 50);
    assertNothingIsLeft();
  }

  private void live(String prefix, int callers) {
    List<Future<Void>> lives =
        IntStream.range(0, callers)
            .mapToObj(number -> Async.start(() -> live(prefix + "-" + number)))
            .toList();
    lives.forEach(life -> Async.get(life, LIMIT));
  }

  private Void live(String volume) throws IOException {
    client.create(volume, Map.of()).orFail();
    client.mount(volume, "x").orFail();
    Files.writeString(BED.data(volume).resolve("f"), volume);
    client.unmount(volume, "x").orFail();
    client.mount(volume, "y").orFail();
    assertThat(Files.readString(BED.data(volume).resolve("f"))).isEqualTo(volume);
    client.unmount(volume, "y").orFail();
    client.remove(volume).orFail();
    return null;
  }

  @Test
  @DisplayName("Eight callers mount one new volume: it is formatted once, and stays for the last")
  void eightCallersOfOneNewVolume() {
    client.create("shared", Map.of()).orFail();
    List<Future<Reply>> mounts =
        IntStream.range(0, 8)
            .mapToObj(number -> Async.start(() -> client.mount("shared", "id" + number)))
            .toList();
    for (Future<Reply> mount : mounts) {
      assertThat(Async.get(mount, LIMIT).orFail().mountpoint())
          .isEqualTo(BED.data("shared").toString());
    }
    assertThat(BED.tools().runs("mkfs.ext4", "/shared.")).isEqualTo(1);
    for (int number = 0; number < 8; number++) {
      assertThat(BED.mounted("shared")).isTrue();
      client.unmount("shared", "id" + number).orFail();
    }
    BED.awaitReleased("shared");
    client.remove("shared").orFail();
    assertNothingIsLeft();
  }

  @Test
  @DisplayName("Two hundred calls under way, the callers of most of them gone: nothing stays")
  void callersGo() throws IOException {
    BED.tools().hold("mkfs.ext4", "/gone-");
    List<String> volumes = IntStream.range(0, 50).mapToObj(number -> "gone-" + number).toList();
    List<Connection> leaving = new ArrayList<>();
    List<Future<Reply>> staying = new ArrayList<>();
    for (String volume : volumes) {
      client.create(volume, Map.of()).orFail();
    }
    for (int number = 0; number < volumes.size(); number++) {
      String volume = volumes.get(number);
      for (String id : List.of("0", "1", "2", "3")) {
        if (number % 2 == 0 || id.equals("1") || id.equals("2")) {
          leaving.add(request(volume, id));
        } else {
          staying.add(Async.start(() -> client.mount(volume, id)));
        }
      }
    }
    await().atMost(LIMIT).until(() -> BED.berth().metric("berth_calls_in_flight") == 200);
    leaving.forEach(Connection::close);
    await()
        .atMost(LIMIT)
        .until(() -> BED.berth().metric("berth_calls_in_flight") == staying.size());
    BED.tools().clear();
    staying.forEach(mount -> Async.get(mount, LIMIT).orFail());
    await().atMost(LIMIT).until(() -> BED.berth().metric("berth_operations") == 0);
    for (int number = 0; number < volumes.size(); number++) {
      String volume = volumes.get(number);
      List<String> ids = number % 2 == 0 ? List.of() : List.of("0", "3");
      await().atMost(LIMIT).untilAsserted(() -> assertThat(holders(volume)).isEqualTo(ids));
      ids.forEach(id -> client.unmount(volume, id).orFail());
    }
    await().atMost(LIMIT).until(() -> BED.volumeTraces().isEmpty());
    volumes.forEach(volume -> client.remove(volume).orFail());
    assertNothingIsLeft();
  }

  private static Connection request(String volume, String id) throws IOException {
    Connection connection = Connection.open(BED.berth().socket());
    connection.write(
        PluginClient.request(
            "VolumeDriver.Mount", PluginClient.json(Map.of("Name", volume, "ID", id))));
    return connection;
  }

  private List<String> holders(String volume) {
    return StreamSupport.stream(
            client.get(volume).orFail().volume().path("Status").path("holders").spliterator(),
            false)
        .map(id -> id.asText())
        .toList();
  }

  /** Some threads live on for half a minute. */
  private void assertNothingIsLeft() {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () ->
                assertThat(Footprint.of(BED).growthSince(before, Footprint.ALLOWANCES))
                    .as("since %s", before)
                    .isEmpty());
    System.out.println(Footprint.table(before, Footprint.of(BED)));
  }
}
