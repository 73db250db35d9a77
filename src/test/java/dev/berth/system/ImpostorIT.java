package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A container without any volume runs something that has the name and the arguments of fsfreeze.
 */
@Rule(17)
@RequiresSystem
class ImpostorIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.withEngine());

  private final DockerEngine engine = BED.engine();

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000"})
  void itKeepsNoVolumeFromAnything(String user) {
    BED.client().create("victim", Map.of()).orFail();
    BED.client().mount("victim", "x").orFail();
    Path root = BED.mountpoint("victim");
    String program = "#!/bin/sh\\nwhile :; do sleep 1; done\\n";
    String script =
        "printf '%s' > /tmp/fsfreeze; chmod +x /tmp/fsfreeze; exec /tmp/fsfreeze --freeze %s"
            .formatted(program, root);
    String[] line = {
      "run",
      "--detach",
      "--name=impostor",
      "--network=none",
      "--user=" + user,
      "--tmpfs=/tmp:exec,uid=" + user,
      Images.PLAIN,
      "sh",
      "-c",
      script
    };
    engine.docker(line);
    await()
        .until(() -> engine.docker("top", "impostor", "-o", "pid,args").out().contains("--freeze"));
    BED.berth().kill();
    BED.berth().start();
    BED.client().unmount("victim", "x").orFail();
    BED.awaitReleased("victim");
    BED.client().remove("victim").orFail();
    assertThat(BED.berth().lastWords()).doesNotContain("still freezing");
    assertThat(BED.client().names()).isEmpty();
  }
}
