package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.testing.BedOptions;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Parts of a volume, as engine 26 and later mount them. */
@RequiresSystem
class SubpathIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private static final int API_WITH_SUBPATH = 45;

  private final DockerEngine engine = BED.engine();

  @BeforeEach
  void needsEngineWithSubpath() {
    assumeTrue(
        engine.apiMinor() >= API_WITH_SUBPATH,
        "subpath needs engine 26, this one is " + engine.version());
  }

  @Test
  @DisplayName("34: a directory or a file of a volume is mounted")
  void case34_directoryAndFile() {
    BED.containers().run("c34", "mkdir /m/sub; echo deep > /m/sub/f");
    assertThat(mount("c34", "sub", "/m/f").orFail().text()).isEqualTo("deep");
    assertThat(mount("c34", "sub/f", "/m").orFail().text()).isEqualTo("deep");
    BED.awaitReleased("c34");
  }

  @Test
  @DisplayName("34: a missing or escaping subpath fails and leaves no mount")
  void case34_missingAndEscaping() {
    BED.containers().run("c34b", "ln -s /etc /m/out");
    for (String path : new String[] {"missing", "../..", "out"}) {
      assertThat(mount("c34b", path, "/m").succeeded()).as(path).isFalse();
      BED.awaitReleased("c34b");
    }
  }

  private Output mount(String volume, String subpath, String file) {
    return engine.tryDocker(
        "run",
        "--rm",
        "--network=none",
        "--mount",
        "type=volume,src=%s,dst=/m,volume-driver=%s,volume-subpath=%s"
            .formatted(volume, BED.driver(), subpath),
        Images.PLAIN,
        "cat",
        file);
  }
}
