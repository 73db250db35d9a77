package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.backend.Observed;
import dev.berth.backend.VolumeBackendContract;
import dev.berth.host.ProcessId;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.volume.MountClient;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract, and what only volumes in S3 have to do, with one of the clients. */
@SuppressWarnings("NullAway.Init")
abstract class S3BackendContract extends VolumeBackendContract {
  static final Duration LIMIT = Duration.ofSeconds(60);

  /** From a directory that the user could not get to. */
  private static final String READ_AS_USER =
      "cd \"$1\" && exec setpriv --reuid 1000 --regid 1000 --clear-groups cat d/x";

  private S3Backend backend;

  abstract S3Bed bed();

  abstract String client();

  S3Backend newBackend() {
    return bed().backend();
  }

  @BeforeEach
  void create() {
    backend = newBackend();
  }

  /** From now on another run of Berth has the volumes, which the first one left as they were. */
  void restart() {
    backend.close();
    backend = newBackend();
  }

  @Override
  protected void endBackend() {
    backend.close();
    for (Volume volume : all()) {
      Location location = Location.of(volume.options());
      bed().store().keys(location.bucket()).stream()
          .filter(key -> key.startsWith(location.prefix()))
          .forEach(key -> bed().store().delete(location.bucket(), key));
    }
  }

  @Override
  protected S3Backend backend() {
    return backend;
  }

  @Override
  protected Map<String, String> options() {
    return options("onRemove", "delete");
  }

  /** A bucket that is not there is refused, or made; in the path of a URL, or in its host. */
  @Override
  protected List<Map<String, String>> optionSets() {
    return List.of(options(), options("createBucket", "true"), options("pathStyle", "false"));
  }

  Map<String, String> options(String... given) {
    Map<String, String> options = new HashMap<>(Map.of("client", client()));
    for (int i = 0; i < given.length; i += 2) {
      options.put(given[i], given[i + 1]);
    }
    return options;
  }

  /** Each was prepared before the other was in the ledger. */
  @Test
  void ofTwoThatAreCreatedAtOnceInOnePlaceNoneCanDeleteTheOthersObjects() {
    Volume deletes = prepared("deletes", options("prefix", "one", "onRemove", "delete"));
    Volume keeps = prepared("keeps", options("prefix", "one", "onRemove", "retain"));
    put(deletes);
    put(keeps);
    assertThatThrownBy(() -> backend().provision(deletes, this))
        .isInstanceOf(VolumeException.Conflict.class)
        .hasMessageContainingAll("deletes", "keeps");
    assertThatThrownBy(() -> backend().provision(keeps, this))
        .isInstanceOf(VolumeException.Conflict.class);
    forget(deletes);
    assertThat(ready(keeps).made().ref()).isNotNull();
  }

  /** An empty one would be filled by Docker, and not every client can take that. */
  @Test
  @Override
  protected void aNewVolumeIsEmpty() {
    Volume volume = create("new", options());
    boolean refuses = FuseClients.of(ClientKind.of(client()).orElseThrow()).refusesDockersCopy();
    assertThat(mount(volume).toFile().list())
        .containsExactly(refuses ? new String[] {".berth-volume"} : new String[0]);
    if (refuses) {
      assertThat(bed().store().get(S3Store.BUCKET, "new/.berth-volume"))
          .contains("a volume of Berth", "Docker");
    }
  }

  /** A prefix is there as soon as something is written under it; what can be gone is the bucket. */
  @Test
  @Override
  protected void mountingWhatIsGoneIsAnErrorAndLeavesNothing() {
    bed().store().createBucket("gone-bucket");
    Volume volume = create("gone", options("bucket", "gone-bucket", "prefix", "p"));
    bed().store().deleteBucket("gone-bucket");
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.class)
        .hasMessageContainingAll("volume gone", "no bucket gone-bucket");
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
    bed().store().createBucket("gone-bucket");
  }

  @Test
  void aVolumeThatHasObjectsGetsNoMarker() {
    bed().store().put(S3Store.BUCKET, "filled/x", "x");
    assertThat(mount(create("filled", options())).toFile().list()).containsExactly("x");
  }

  @Test
  void filesAreObjectsUnderThePrefix() throws IOException {
    Volume volume = create("objects", options());
    Files.writeString(mount(volume).resolve("x"), "content");
    backend.flush(volume);
    assertThat(bed().store().get(S3Store.BUCKET, "objects/x")).isEqualTo("content");
    Files.createDirectory(backend.mountpoint(volume).resolve("d"));
    Files.writeString(backend.mountpoint(volume).resolve("d/y"), "deep");
    backend.unmount(volume);
    assertThat(bed().store().get(S3Store.BUCKET, "objects/d/y")).isEqualTo("deep");
  }

  /** Other programs make no objects for directories. */
  @Test
  void directoriesThatAreOnlyInTheKeysOfOtherProgramsAreThere() throws IOException {
    bed().store().put(S3Store.BUCKET, "implicit/a/b/x", "deep");
    bed().store().put(S3Store.BUCKET, "implicit/a/y", "kept");
    Path root = mount(create("implicit", options()));
    assertThat(root.toFile().list()).containsExactly("a");
    assertThat(root.resolve("a").toFile().list()).containsExactlyInAnyOrder("b", "y");
    assertThat(root.resolve("a/b/x")).hasContent("deep");
    Files.writeString(root.resolve("a/b/z"), "new");
    assertThat(root.resolve("a/b/z")).hasContent("new");
  }

  /** For the clients that can. */
  final void assertADirectoryOfOtherProgramsIsRenamed() throws IOException {
    bed().store().put(S3Store.BUCKET, "renamed/a/b/x", "deep");
    bed().store().put(S3Store.BUCKET, "renamed/a/y", "kept");
    Volume volume = create("renamed", options());
    Path root = mount(volume);
    Files.move(root.resolve("a"), root.resolve("c"));
    assertThat(root.toFile().list()).containsExactly("c");
    await().atMost(LIMIT).ignoreExceptions().until(() -> readsAs(root.resolve("c/b/x"), "deep"));
    backend.unmount(volume);
    assertThat(bed().store().keys(S3Store.BUCKET))
        .contains("renamed/c/b/x", "renamed/c/y")
        .doesNotContain("renamed/a/b/x", "renamed/a/y");
  }

  private static boolean readsAs(Path file, String content) throws IOException {
    return Files.readString(file).equals(content);
  }

  @Test
  void aPrefixHidesWhatIsOutside() throws IOException {
    bed().store().put(S3Store.BUCKET, "isolated/mine", "m");
    bed().store().put(S3Store.BUCKET, "isolated-not/theirs", "t");
    Volume volume = create("isolated", options());
    assertThat(mount(volume).toFile().list()).containsExactly("mine");
    assertThat(mount(volume).resolve("../isolated-not/theirs")).doesNotExist();
  }

  @Test
  void aReadOnlyVolumeCannotBeWritten() throws IOException {
    bed().store().put(S3Store.BUCKET, "ro/x", "kept");
    Volume volume = create("ro", options("readOnly", "true"));
    Path file = mount(volume).resolve("x");
    assertThat(file).hasContent("kept");
    assertThatThrownBy(() -> Files.createFile(file.resolveSibling("y")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
  }

  @Test
  void ownerAndModeAreThoseOfTheOptions() throws IOException {
    bed().store().put(S3Store.BUCKET, "owned/x", "x");
    Volume volume = create("owned", options("uid", "1000", "gid", "50", "mode", "0750"));
    Path root = mount(volume);
    for (Path path : new Path[] {root, root.resolve("x")}) {
      assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(1000);
      assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(50);
    }
    assertThat((int) Files.getAttribute(root, "unix:mode") & 07777).isEqualTo(0750);
  }

  /** Those that are there when the volume is created, without any option. */
  @Test
  void whatOtherProgramsWroteCanBeReadByAll() throws IOException {
    bed().store().put(S3Store.BUCKET, "others/d/x", "theirs");
    Path root = mount(create("others", options()));
    assertThat((int) Files.getAttribute(root.resolve("d"), "unix:mode") & 07777).isEqualTo(0755);
    assertThat((int) Files.getAttribute(root.resolve("d/x"), "unix:mode") & 0444).isEqualTo(0444);
    assertThat(Run.of("sh", "-c", READ_AS_USER, "sh", root.toString()).succeed().out())
        .isEqualTo("theirs");
  }

  @Test
  void theStatusTellsOfTheClient() {
    Volume volume = create("status", options());
    assertThat(backend.client(volume)).isEmpty();
    mount(volume);
    MountClient status = backend.client(volume).orElseThrow();
    assertThat(status.program()).isEqualTo(client());
    assertThat(ProcessHandle.of(status.pid())).isPresent();
    assertThat(status.state()).isEqualTo(MountClient.State.HEALTHY);
    backend.unmount(volume);
    assertThat(backend.client(volume)).isEmpty();
    assertThat(ProcessId.of(status.pid()).filter(ProcessId::alive)).isEmpty();
  }

  @Test
  void nothingOfAnUnmountedVolumeStaysOnTheHost() throws IOException {
    Volume volume = create("traceless", options());
    Files.writeString(mount(volume).resolve("x"), "x");
    backend.unmount(volume);
    assertThat(bed().root().resolve("s3").resolve(volume.id().value())).doesNotExist();
    assertThat(backend.mountpoint(volume)).doesNotExist();
    assertThat(backend.observe(volume)).isInstanceOf(Observed.Detached.class);
  }
}
