package dev.berth.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Twenty volumes in S3, mounted at once on one host: what they take is printed. */
@RequiresSystem(engine = false)
class ManyS3VolumesIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly().in(STORE));

  private static final int VOLUMES = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern PSS = Pattern.compile("(?m)^Pss:\\s+(\\d+) kB");

  @ParameterizedTest
  @ValueSource(strings = {"s3fs", "rclone"})
  void twentyVolumesAreMountedUsedAndLetGo(String client) throws IOException {
    List<String> volumes =
        IntStream.range(0, VOLUMES).mapToObj(i -> "%s-%02d".formatted(client, i)).toList();
    volumes.forEach(
        volume -> BED.client().create(volume, Map.of("backend", "s3", "client", client)).orFail());
    long before = pss(BED.berth().pid());
    long started = System.nanoTime();
    List<Future<String>> mounts =
        volumes.stream()
            .map(volume -> Async.start(() -> BED.client().mount(volume, "x").error()))
            .toList();
    assertThat(mounts).extracting(mount -> Async.get(mount, LIMIT)).containsOnly("");
    long took = (System.nanoTime() - started) / 1_000_000;
    for (String volume : volumes) {
      Files.writeString(BED.mountpoint(volume).resolve("x"), volume);
    }
    List<Long> clients = clients();
    System.out.printf(
        "%d volumes with %s: mounted at once in %d ms, %d client processes of together %d MiB (PSS), Berth %d MiB before and %d MiB after%n",
        VOLUMES,
        client,
        took,
        clients.size(),
        clients.stream().mapToLong(ManyS3VolumesIT::pss).sum() >> 10,
        before >> 10,
        pss(BED.berth().pid()) >> 10);
    assertThat(clients).hasSize(VOLUMES);
    for (String volume : volumes) {
      assertThat(BED.mountpoint(volume).resolve("x")).hasContent(volume);
      BED.client().unmount(volume, "x").orFail();
    }
    await().atMost(LIMIT).until(() -> clients().isEmpty() && BED.volumeTraces().isEmpty());
  }

  private static List<Long> clients() {
    String state = BED.root().resolve("s3") + "/";
    return new Traces(BED.root())
        .processes().entrySet().stream()
            .filter(process -> process.getValue().contains(state))
            .map(Map.Entry::getKey)
            .toList();
  }

  /** In KiB; shared pages count once in all. */
  private static long pss(long pid) {
    Matcher found = PSS.matcher(Traces.read(Path.of("/proc", "" + pid, "smaps_rollup")));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }
}
