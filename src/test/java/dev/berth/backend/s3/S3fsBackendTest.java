package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.host.ProcessId;
import dev.berth.testing.MovableClock;
import dev.berth.testing.OtherNamespace;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.testing.Traces;
import dev.berth.volume.MountClient;
import dev.berth.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
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
  void directoriesOfOtherProgramsAreRenamed() throws IOException {
    assertADirectoryOfOtherProgramsIsRenamed();
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

  /** As a database wants of its directory. */
  @Test
  void permissionsThatAContainerSetsHold() throws IOException {
    Volume volume = create("modes", options());
    Path data = Files.createDirectory(mount(volume).resolve("data"));
    Path file = Files.writeString(data.resolve("x"), "x");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Files.setAttribute(data, "unix:uid", 1000);
    backend().unmount(volume);
    mount(create("modes", options()));
    assertThat((int) Files.getAttribute(data, "unix:mode") & 07777).isEqualTo(0700);
    assertThat((int) Files.getAttribute(file, "unix:mode") & 07777).isEqualTo(0640);
    assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(1000);
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

  /**
   * A container that has the whole volume and a part of it makes the part a link to the root of the
   * host, for the moment in which the client is replaced.
   */
  @Test
  void aPartThatBecameALinkLeadsNowhere() throws IOException {
    Volume volume = create("linked", options("prefix", "shared", "onRemove", "retain"));
    Volume same = create("same", options("prefix", "shared", "onRemove", "retain"));
    Path mountpoint = mount(volume);
    Files.createDirectory(mountpoint.resolve("sub"));
    Files.writeString(mountpoint.resolve("sub/y"), "deep");
    Path directory = Files.createTempDirectory(BED.work(), "namespace");
    try (OtherNamespace other = new OtherNamespace(mountpoint, directory)) {
      assertThat(other.at("part/y")).hasContent("deep");
      Path sub = mount(same).resolve("sub");
      Run.of("rm", "-r", sub.toString()).succeed();
      Files.createSymbolicLink(sub, Path.of("/"));
      killed(volume);
      assertNoHostFiles(other, volume);
    }
  }

  /** The kernel shows a directory that was deleted by a name that a link can have. */
  @Test
  void aPartThatWasDeletedLeadsNowhere() throws IOException {
    Volume volume = create("deleted", options());
    Path mountpoint = mount(volume);
    Path sub = Files.createDirectory(mountpoint.resolve("sub"));
    Path directory = Files.createTempDirectory(BED.work(), "namespace");
    try (OtherNamespace other = new OtherNamespace(mountpoint, directory)) {
      Files.delete(sub);
      Files.createDirectory(sub);
      Files.createSymbolicLink(sub.resolve("deleted"), Path.of("/"));
      killed(volume);
      assertNoHostFiles(other, volume);
    }
  }

  private void killed(Volume volume) {
    long pid = backend().client(volume).orElseThrow().pid();
    Run.of("kill", "-KILL", "" + pid).succeed();
    await().atMost(LIMIT).until(() -> backend().client(volume).orElseThrow().restarts() == 1);
  }

  private void assertNoHostFiles(OtherNamespace other, Volume volume) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(Files.exists(other.at("part/etc"))).as("the host's files").isFalse();
              assertThat(backend().client(volume).orElseThrow().lastError())
                  .hasValueSatisfying(e -> assertThat(e).contains("restarted", "/part"));
            });
    List<String> parts =
        Traces.read(other.mountinfo()).lines().filter(line -> line.contains("/part ")).toList();
    assertThat(parts).singleElement().asString().contains("fuse.s3fs");
    assertThat(Files.exists(other.at("part/etc"))).isFalse();
  }

  private static MountClient status(S3Backend backend, Volume volume) {
    return backend.client(volume).orElseThrow();
  }
}
