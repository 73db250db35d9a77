package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Berth's root lies behind a symbolic link, as it does where /var/lib was moved to another disk.
 */
@RequiresSystem(engine = false)
class SymlinkedRootIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly().in(STORE));

  @BeforeAll
  static void link() throws IOException {
    Path link = Files.createSymbolicLink(BED.work().resolve("link"), BED.root());
    BED.berth().stop();
    BED.berth().override(Map.of("BERTH_ROOT", link.toString()));
    BED.berth().start();
  }

  @ParameterizedTest
  @CsvSource({"s3, s3fs", "s3, rclone", "loop,"})
  void volumesAreMountedAndReleased(String backend, String client) throws IOException {
    PluginClient berth = BED.client();
    String name = client == null ? backend : client;
    berth
        .create(
            name,
            client == null
                ? Map.of("backend", backend)
                : Map.of("backend", backend, "client", client))
        .orFail();
    Path mountpoint = Path.of(berth.mount(name, "x").orFail().mountpoint());
    assertThat(mountpoint).startsWith(BED.root());
    Files.writeString(mountpoint.resolve("f"), "kept");
    berth.unmount(name, "x").orFail();
    BED.awaitReleased(name);
    Path again = Path.of(berth.mount(name, "y").orFail().mountpoint());
    assertThat(again.resolve("f")).hasContent("kept");
    berth.unmount(name, "y").orFail();
    BED.awaitReleased(name);
  }
}
