package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.backend.Observed;
import dev.berth.host.ProcessId;
import dev.berth.testing.Async;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresRoot
class RcloneBackendTest extends SupervisionContract {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  @Override
  S3Bed bed() {
    return BED;
  }

  @Override
  String client() {
    return "rclone";
  }

  @Test
  void directoriesOfOtherProgramsAreRenamed() throws IOException {
    assertADirectoryOfOtherProgramsIsRenamed();
  }

  @Test
  void aFileThatIsNotInTheStoreYetKeepsTheVolumeMounted() throws IOException {
    Volume volume = create("late", options());
    whileSecondIsNotInTheStore(
        volume,
        () ->
            assertThatThrownBy(() -> backend().unmount(volume))
                .isInstanceOf(VolumeException.InUse.class)
                .hasMessageContaining("1 files are not in s3://"));
    await()
        .atMost(LIMIT.multipliedBy(3))
        .until(() -> BED.store().keys(S3Store.BUCKET).contains("late/second"));
    await().atMost(LIMIT).ignoreExceptions().until(() -> unmounted(volume));
    assertThat(BED.store().get(S3Store.BUCKET, "late/second")).isEqualTo("2");
  }

  @Test
  void whatIsDeletedWithTheVolumeIsNotWaitedFor() throws IOException {
    Volume volume = create("doomed", options("prefix", "doomed", "onRemove", "delete"));
    Volume deleting = volume.with(new VolumeState.Deleting(volume.made(), Instant.EPOCH, 0));
    whileSecondIsNotInTheStore(
        volume,
        () -> {
          backend().unmount(deleting);
          assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
        });
    backend().deprovision(volume);
    assertThat(BED.store().keys(S3Store.BUCKET)).noneMatch(key -> key.startsWith("doomed/"));
  }

  @Test
  void whatTheStoreNeverTakesIsGivenUpByThatWordOnly() throws IOException {
    BED.store().createBucket("gone-for-good");
    Volume volume = create("unsent", options("bucket", "gone-for-good", "prefix", "p"));
    Path mountpoint = mount(volume);
    BED.store().deleteBucket("gone-for-good");
    Files.writeString(mountpoint.resolve("file"), "1");
    await().atMost(LIMIT).until(RcloneBackendTest::knowsWhatToUpload);
    assertThatThrownBy(() -> backend().unmount(volume))
        .isInstanceOf(VolumeException.InUse.class)
        .hasMessageContainingAll(
            "volume unsent", "1 files", "'berth release --force --discard unsent'");
    assertThat(backend().discardUnwritten(volume)).isEqualTo(1);
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
    backend().requireWrittenBack(volume);
    assertThat(backend().discardUnwritten(volume)).as("once more").isZero();
    backend().unmount(volume);
    BED.store().createBucket("gone-for-good");
  }

  /** The store is away from before that file is written until {@code work} is done. */
  private void whileSecondIsNotInTheStore(Volume volume, Runnable work) throws IOException {
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("first"), "1");
    backend().flush(volume);
    BED.store().stop();
    try {
      Files.writeString(mountpoint.resolve("second"), "2");
      await().atMost(LIMIT).until(RcloneBackendTest::knowsWhatToUpload);
      work.run();
    } finally {
      BED.store().start();
    }
  }

  private boolean unmounted(Volume volume) {
    backend().unmount(volume);
    return true;
  }

  @Test
  void whatADeadClientHadNotUploadedIsUploadedByTheNextMount() throws IOException {
    Volume volume = create("lost", options());
    whileSecondIsNotInTheStore(
        volume,
        () -> {
          long pid = backend().client(volume).orElseThrow().pid();
          backend().close();
          Run.of("kill", "-KILL", "" + pid).succeed();
          restart();
          backend().unmount(volume);
          assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
          assertThatThrownBy(() -> backend().requireWrittenBack(volume))
              .isInstanceOf(VolumeException.InUse.class)
              .hasMessageContainingAll("volume lost", "1 files", S3Store.BUCKET + "/lost");
        });
    mount(volume);
    await().atMost(LIMIT).until(() -> BED.store().keys(S3Store.BUCKET).contains("lost/second"));
    assertThat(BED.store().get(S3Store.BUCKET, "lost/second")).isEqualTo("2");
    backend().unmount(volume);
    backend().requireWrittenBack(volume);
  }

  /** Two of them would have one cache. */
  @Test
  void aClientThatCannotGetItsKeysAnyMoreEndsBeforeTheNextStarts() throws IOException {
    Volume volume = create("moved", options());
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("x"), "kept");
    ProcessId first = ProcessId.of(backend().client(volume).orElseThrow().pid()).orElseThrow();
    resumeWithKeysElsewhere(volume);
    assertThat(first.alive()).isFalse();
    assertThat(mountpoint.resolve("x")).hasContent("kept");
    Files.writeString(mountpoint.resolve("y"), "new");
    backend().flush(volume);
    assertThat(BED.store().get(S3Store.BUCKET, "moved/x")).isEqualTo("kept");
    assertThat(BED.store().get(S3Store.BUCKET, "moved/y")).isEqualTo("new");
    assertThat(backend().client(volume).orElseThrow().restarts()).isZero();
  }

  /** The kernel tells rclone of a close after the fact, and rclone notes it in its cache. */
  private static boolean knowsWhatToUpload() {
    // Not in the mounts: whoever reads there waits for a store that is away.
    return Run.of("grep", "-rqE", "\"Dirty\": ?true", BED.root().resolve("s3").toString())
        .run()
        .succeeded();
  }

  /** Another container goes on writing; that must not hold up the end of this one. */
  @Test
  void aFileThatNeverComesToRestIsNotWaitedFor() throws IOException {
    Volume volume = create("restless", options());
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("calm"), "kept");
    AtomicBoolean over = new AtomicBoolean();
    Future<Boolean> writer = Async.start(() -> rewrite(mountpoint.resolve("restless"), over));
    await().atMost(LIMIT).until(() -> Files.exists(mountpoint.resolve("restless")));
    backend().flush(volume);
    assertThat(writer.isDone()).isFalse();
    over.set(true);
    assertThat(Async.get(writer, LIMIT)).isTrue();
    assertThat(BED.store().get(S3Store.BUCKET, "restless/calm")).isEqualTo("kept");
  }

  private static boolean rewrite(Path file, AtomicBoolean over) throws IOException {
    while (!over.get()) {
      Files.writeString(file, "again");
      Async.pause(Duration.ofMillis(20));
    }
    return true;
  }

  @Test
  void temporaryKeysAreFollowedWithoutAnotherClient() throws IOException {
    Volume volume = create("temporary", options("profile", "temporary"));
    Path mountpoint = mount(volume);
    long pid = backend().client(volume).orElseThrow().pid();
    long end = System.nanoTime() + S3Store.KEYS_LAST.multipliedBy(2).toNanos();
    for (int i = 0; System.nanoTime() < end; i++) {
      Files.writeString(mountpoint.resolve("x" + i), "kept");
      backend().flush(volume);
      assertThat(BED.store().get(S3Store.BUCKET, "temporary/x" + i)).isEqualTo("kept");
      Async.pause(Duration.ofSeconds(5));
    }
    assertThat(backend().client(volume).orElseThrow().pid()).isEqualTo(pid);
  }

  /** The token goes to whoever has Berth's port while Berth is down; that is all he gets. */
  @Test
  void aTokenThatWasCollectedWhileBerthWasAwayIsWorthNothing() throws IOException {
    Volume volume = create("squatted", options("profile", "temporary"));
    Path mountpoint = mount(volume);
    int port = keysPort(volume);
    ProcessId client = ProcessId.of(backend().client(volume).orElseThrow().pid()).orElseThrow();
    backend().close();
    KeysSquatter.assertNobodyCanHave(port);
    KeysSquatter.Loot loot;
    try (KeysSquatter squatter = new KeysSquatter(port)) {
      loot = squatter.awaitLoot(mountpoint);
    }
    restart();
    backend().resume(volume);
    assertThat(keysPort(volume)).isEqualTo(port);
    assertThat(backend().client(volume).orElseThrow().pid()).isEqualTo(client.pid());
    loot.assertWorthNothingOn(port);
    Files.writeString(mountpoint.resolve("after"), "kept");
    backend().flush(volume);
    assertThat(BED.store().get(S3Store.BUCKET, "squatted/after")).isEqualTo("kept");
  }

  @Test
  void whoeverStillHasThePortWhenBerthIsBackGetsNothingEither() throws IOException {
    Volume volume = create("held", options("profile", "temporary"));
    Path mountpoint = mount(volume);
    int port = keysPort(volume);
    ProcessId client = ProcessId.of(backend().client(volume).orElseThrow().pid()).orElseThrow();
    backend().close();
    try (KeysSquatter squatter = new KeysSquatter(port)) {
      KeysSquatter.Loot loot = squatter.awaitLoot(mountpoint);
      restart();
      backend().resume(volume);
      assertThat(client.alive()).isFalse();
      assertThat(keysPort(volume)).isNotEqualTo(port);
      loot.assertWorthNothingOn(keysPort(volume));
      Files.writeString(mountpoint.resolve("after"), "kept");
      backend().flush(volume);
      assertThat(BED.store().get(S3Store.BUCKET, "held/after")).isEqualTo("kept");
    }
  }
}
