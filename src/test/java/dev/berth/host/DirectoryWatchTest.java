package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWatchTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void allWhoWaitSeeWhatComesAndGoes() throws IOException {
    DirectoryWatch watch = new DirectoryWatch(directory);
    Path file = directory.resolve("nvme1n1");
    List<Future<Boolean>> waiting =
        IntStream.range(0, 20)
            .mapToObj(i -> Async.start(() -> watch.await(() -> Files.exists(file), LIMIT)))
            .toList();
    Files.createFile(file);
    waiting.forEach(future -> assertThat(Async.get(future, LIMIT)).isTrue());
    Future<Boolean> gone = Async.start(() -> watch.await(() -> Files.notExists(file), LIMIT));
    Files.delete(file);
    assertThat(Async.get(gone, LIMIT)).isTrue();
  }

  @Test
  void whatIsThereIsNotWaitedFor() {
    assertThat(new DirectoryWatch(directory).await(() -> true, Duration.ZERO)).isTrue();
  }

  @Test
  void theWaitEndsWithItsLimit() {
    AtomicInteger looks = new AtomicInteger();
    assertThat(
            new DirectoryWatch(directory)
                .await(() -> looks.incrementAndGet() < 0, Duration.ofMillis(50)))
        .isFalse();
    assertThat(looks).hasValueGreaterThanOrEqualTo(2);
  }

  @Test
  void whereNoEventsComeEverybodyLooksAnyway() {
    DirectoryWatch watch = new DirectoryWatch(directory.resolve("absent"));
    AtomicInteger looks = new AtomicInteger();
    assertThat(watch.await(() -> looks.incrementAndGet() >= 3, LIMIT)).isTrue();
  }
}
