package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.AdminClient;
import dev.berth.testing.BedOptions;
import dev.berth.testing.LedgerFile;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The filesystem of Berth's root has no space left. */
@RequiresSystem(engine = false)
class FullDiskIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.berthOnly().onItsOwnDisk().with("BERTH_SWEEP_INTERVAL", "1s"));

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  @Test
  void aCreateIsAnErrorAndLeavesNothing() {
    // A ledger's log keeps the space it once had.
    BED.berth().stop();
    BED.berth().start();
    BED.disk().fill();
    assertThat(BED.client().create("full", Map.of()).failed().error())
        .contains("ledger")
        .contains("space");
    assertThat(BED.client().names()).isEmpty();
    BED.disk().empty();
    assertThat(BED.allImages()).isEmpty();
    assertThat(new LedgerFile(BED.root()).rows()).isEmpty();
    assertUsable("full");
  }

  @Test
  void aFirstMountIsAnErrorThatNamesTheDisk() {
    BED.client().create("blank", Map.of()).orFail();
    BED.disk().fill(128 * KIB);
    assertThat(BED.client().mount("blank", "x").failed().error())
        .contains("volume blank")
        .contains(BED.root().toString())
        .contains("no space left");
    BED.awaitReleased("blank");
    assertThat(BED.client().names()).containsExactly("blank");
    BED.disk().empty();
    assertUsable("blank");
  }

  @Test
  void aSnapshotIsAnErrorAndLeavesNothing() throws IOException {
    write("source", "data", 20 * MIB);
    List<Path> before = files();
    BED.disk().fill(4 * MIB);
    AdminClient admin = new AdminClient(BED.berth().socket());
    Reply refused = admin.attempt("POST", "volumes/source/snapshots", "{}");
    assertThat(refused.status()).isGreaterThanOrEqualTo(400);
    assertThat(refused.body()).contains("volume source").contains("No space left");
    BED.disk().empty();
    assertThat(files()).isEqualTo(before);
    assertThat(snapshots(admin)).isEmpty();
    String taken = admin.post("volumes/source/snapshots", Map.of()).path("id").asText();
    assertThat(snapshots(admin)).containsExactly(taken);
    admin.delete("snapshots/" + taken);
  }

  @Test
  void aCloneIsAnErrorAndLeavesNothing() throws IOException {
    write("original", "data", 20 * MIB);
    BED.disk().fill(4 * MIB);
    Map<String, String> options = Map.of("sourceVolume", "original");
    assertThat(BED.client().create("copy", options).failed().error())
        .contains("volume copy")
        .contains("no space left");
    assertThat(BED.client().names()).containsExactly("original");
    BED.disk().empty();
    assertThat(BED.images("copy")).isEmpty();
    BED.client().create("copy", options).orFail();
    Path copied = Path.of(BED.client().mount("copy", "x").orFail().mountpoint());
    assertThat(Files.size(copied.resolve("data"))).isEqualTo(20 * MIB);
    BED.client().unmount("copy", "x").orFail();
  }

  @Test
  void unmountAndRemoveWorkAllTheSame() throws IOException {
    write("leaving", "data", MIB);
    BED.client().mount("leaving", "x").orFail();
    BED.disk().fill();
    BED.client().unmount("leaving", "x").orFail();
    BED.disk().empty();
    BED.awaitReleased("leaving");
    BED.client().remove("leaving").orFail();
    assertThat(BED.allImages()).isEmpty();
  }

  @Test
  void whatWasFlushedBeforeIsThereAfterwards() throws IOException {
    Path mounted = write("filled", "kept", MIB);
    BED.client().mount("filled", "x").orFail();
    BED.disk().fill(2 * MIB);
    Run.of("dd", "if=/dev/zero", "of=" + mounted.resolve("lost"), "bs=1M", "count=16", "conv=fsync")
        .run();
    BED.disk().empty();
    BED.client().unmount("filled", "x").orFail();
    BED.awaitReleased("filled");
    Path again = Path.of(BED.client().mount("filled", "y").orFail().mountpoint());
    assertThat(Files.size(again.resolve("kept"))).isEqualTo(MIB);
    BED.client().unmount("filled", "y").orFail();
  }

  @Test
  void aSizeThatItsFilesystemCannotHoldIsRefusedAndLeavesNothing() {
    assertThat(BED.client().create("huge", Map.of("size", "100TiB")).failed().error())
        .contains("100TiB")
        .contains("4095GiB at most")
        .contains("smaller size");
    assertThat(BED.client().names()).isEmpty();
    assertThat(BED.allImages()).isEmpty();
    BED.client().create("kept", Map.of()).orFail();
    assertThat(BED.berth().command("grow", "kept", "100TiB").run().err())
        .contains("4095GiB at most");
    assertThat(BED.berth().command("ls").succeed().out()).contains("64 MiB");
  }

  /** The kernel keeps the bytes of a deleted file as long as a loop device is over it. */
  @Test
  void theFileOfAMountedVolumeThatIsDeletedByHand() throws IOException {
    long before = free();
    BED.client().create("deleted", Map.of("size", "128MiB")).orFail();
    Path data = Path.of(BED.client().mount("deleted", "x").orFail().mountpoint());
    Run.of("dd", "if=/dev/zero", "of=" + data.resolve("f"), "bs=1M", "count=60", "conv=fsync")
        .succeed();
    Files.delete(BED.images("deleted").getFirst());
    await("told").until(() -> lastError("deleted").contains("has been deleted"));
    assertThat(BED.berth().command("ls").succeed().out()).contains("has been deleted");
    assertThat(Files.size(data.resolve("f"))).isEqualTo(60 * MIB);
    assertThat(free()).isLessThan(before - 50 * MIB);
    BED.client().unmount("deleted", "x").orFail();
    await("space given back").until(() -> free() > before - 10 * MIB);
    assertThat(BED.volumeTraces()).isEmpty();
    assertThat(lastError("deleted")).isEmpty();
    assertThat(BED.client().mount("deleted", "y").failed().error())
        .contains("is gone; put it back, or remove the volume");
    BED.client().remove("deleted").orFail();
    assertThat(BED.client().names()).isEmpty();
  }

  private static String lastError(String volume) {
    return BED.client().get(volume).orFail().volume().path("Status").path("lastError").asText("");
  }

  private static long free() throws IOException {
    return Files.getFileStore(BED.root()).getUsableSpace();
  }

  private static void assertUsable(String volume) {
    BED.client().create(volume, Map.of()).orFail();
    Path mounted = Path.of(BED.client().mount(volume, "later").orFail().mountpoint());
    assertThat(mounted).isDirectory();
    BED.client().unmount(volume, "later").orFail();
    BED.awaitReleased(volume);
  }

  /** Makes a volume with a file of so many random bytes; it is not mounted afterwards. */
  private static Path write(String volume, String file, int bytes) throws IOException {
    BED.client().create(volume, Map.of()).orFail();
    Path mounted = Path.of(BED.client().mount(volume, "writer").orFail().mountpoint());
    Run.of(
            "dd",
            "if=/dev/urandom",
            "of=" + mounted.resolve(file),
            "bs=1M",
            "count=" + bytes / MIB,
            "conv=fsync")
        .succeed();
    BED.client().unmount(volume, "writer").orFail();
    BED.awaitReleased(volume);
    return mounted;
  }

  private static List<String> snapshots(AdminClient admin) {
    return admin
        .get("snapshots")
        .valueStream()
        .map(snapshot -> snapshot.path("id").asText())
        .toList();
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> found = Files.walk(BED.root().resolve("loop"))) {
      return found.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
