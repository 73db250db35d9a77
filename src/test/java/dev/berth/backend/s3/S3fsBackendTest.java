package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.host.ProcessId;
import dev.berth.testing.MovableClock;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.volume.MountClient;
import dev.berth.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresRoot
class S3fsBackendTest extends SupervisionContract {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  @Override
  S3Bed bed() {
    return BED;
  }

  @Override
  String client() {
    return "s3fs";
  }

  @Test
  void aClientWithTemporaryKeysIsReplacedBeforeTheyExpireAndOpenFilesGoOn() throws IOException {
    Volume volume = create("temporary", options("profile", "temporary"));
    Path file = mount(volume).resolve("x");
    Files.writeString(file, "kept");
    long first = backend().client(volume).orElseThrow().pid();
    ProcessId old = ProcessId.of(first).orElseThrow();
    Path directory = Files.createTempDirectory(BED.work(), "namespace");
    Files.createDirectory(file.resolveSibling("sub"));
    try (OtherNamespace other = new OtherNamespace(backend().mountpoint(volume), directory);
        FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      await()
          .atMost(S3Store.KEYS_LAST.plus(LIMIT))
          .until(() -> backend().client(volume).orElseThrow().pid() != first);
      open.write(ByteBuffer.wrap("KEPT".getBytes(StandardCharsets.UTF_8)));
      assertThat(old.alive()).isTrue();
      assertThat(other.at("whole/x")).exists();
      Files.writeString(other.at("whole/new"), "new");
    }
    await().atMost(LIMIT).until(() -> !old.alive());
    assertThat(BED.store().get(S3Store.BUCKET, "temporary/x")).isEqualTo("KEPT");
    assertThat(BED.store().get(S3Store.BUCKET, "temporary/new")).isEqualTo("new");
    assertThat(backend().client(volume).orElseThrow().restarts()).isZero();
  }

  @Test
  void aClockThatIsSetBackDoesNotEndTheWatch() throws IOException {
    Volume volume = create("clock", options());
    Files.createDirectory(mount(volume).resolve("sub"));
    backend().close();
    Path directory = Files.createTempDirectory(BED.work(), "namespace");
    MovableClock clock = new MovableClock();
    S3Backend next = BED.backend(clock);
    // Without another mount the client would end with its own, and that is seen at any time.
    try (OtherNamespace other = new OtherNamespace(backend().mountpoint(volume), directory)) {
      assertThat(other.at("whole/sub")).isDirectory();
      next.resume(volume);
      await().atMost(LIMIT).until(() -> status(next, volume).cacheBytes().isPresent());
      clock.move(Duration.ofHours(-1));
      Run.of("umount", "-l", backend().mountpoint(volume).toString()).succeed();
      await().atMost(LIMIT).until(() -> status(next, volume).restarts() == 1);
      assertThat(status(next, volume).lastError())
          .hasValueSatisfying(why -> assertThat(why).contains("its mount at"));
    } finally {
      next.close();
      restart();
      backend().resume(volume);
    }
  }

  private static MountClient status(S3Backend backend, Volume volume) {
    return backend.client(volume).orElseThrow();
  }
}
