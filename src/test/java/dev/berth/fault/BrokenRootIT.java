package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.LocalFuse;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Berth's root cannot be written, or is not where it seems to be. */
@RequiresSystem(engine = false)
class BrokenRootIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly().onItsOwnDisk());

  private static final Duration END = Duration.ofSeconds(60);

  @Test
  void whatFailsWhileItIsBrokenWorksWhenItIsMended() throws IOException {
    BED.client().create("kept", Map.of()).orFail();
    Path mounted = Path.of(BED.client().mount("kept", "x").orFail().mountpoint());
    Files.writeString(mounted.resolve("file"), "kept");
    BED.client().unmount("kept", "x").orFail();
    BED.awaitReleased("kept");
    BED.disk().breakDown();
    assertThat(BED.client().create("new", Map.of()).failed().error()).contains("ledger");
    assertThat(BED.client().mount("kept", "y").failed().error()).contains("ledger");
    assertThat(BED.client().remove("kept").failed().error()).contains("ledger");
    assertThat(BED.client().get("kept").orFail().volume().path("Name").asText()).isEqualTo("kept");
    assertThat(BED.client().names()).containsExactly("kept");
    BED.berth().stop();
    BED.disk().repair();
    BED.berth().start();
    assertThat(BED.client().names()).containsExactly("kept");
    mounted = Path.of(BED.client().mount("kept", "y").orFail().mountpoint());
    assertThat(mounted.resolve("file")).hasContent("kept");
    BED.client().unmount("kept", "y").orFail();
    BED.client().create("new", Map.of()).orFail();
  }

  @Test
  void itDoesNotStartOnOneThatIsReadOnly() {
    BED.client().create("kept", Map.of()).orFail();
    BED.berth().stop();
    BED.disk().unmount();
    BED.disk().mount("ro");
    BED.berth().launch();
    BED.berth().awaitEnd(END);
    assertThat(BED.berth().exitStatus()).isNotZero();
    assertThat(BED.berth().lastWords()).contains(BED.root().toString()).contains("Read-only");
    BED.disk().unmount();
    BED.disk().mount();
    BED.berth().start();
    assertThat(BED.client().names()).containsExactly("kept");
  }

  /** As a root on NFS would be: the ledger's log of changes is not kept there. */
  @Test
  void itDoesNotStartOnOneThatAProcessServes() throws IOException {
    Path files = Files.createDirectories(BED.work().resolve("served"));
    Path root = Files.createDirectories(BED.work().resolve("remote/root"));
    BED.berth().stop();
    try (LocalFuse fuse = LocalFuse.mount(files, root, "served")) {
      BED.berth().override(Map.of("BERTH_ROOT", fuse.mountpoint().toString()));
      BED.berth().launch();
      BED.berth().awaitEnd(END);
      assertThat(BED.berth().exitStatus()).isNotZero();
      assertThat(BED.berth().lastWords())
          .contains("cannot start", root.toString(), "network filesystem", "Set berth.root");
      assertThat(files).isEmptyDirectory();
    } finally {
      if (BED.berth().isRunning()) {
        BED.berth().stop();
      }
      BED.berth().override(Map.of());
      BED.berth().start();
    }
  }

  @Test
  void itMayLieBehindASymbolicLink() throws IOException {
    Path link = Files.createSymbolicLink(BED.work().resolve("link"), BED.root());
    BED.berth().stop();
    BED.berth().override(Map.of("BERTH_ROOT", link.toString()));
    BED.berth().start();
    BED.client().create("linked", Map.of()).orFail();
    Path mounted = Path.of(BED.client().mount("linked", "x").orFail().mountpoint());
    assertThat(new Traces(BED.root()).mounts()).contains(mounted.getParent().toString());
    BED.client().unmount("linked", "x").orFail();
    BED.client().remove("linked").orFail();
    BED.berth().stop();
    BED.berth().override(Map.of());
    BED.berth().start();
  }
}
