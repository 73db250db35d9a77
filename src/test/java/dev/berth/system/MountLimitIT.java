package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.TestBed;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A limit for Create and Mount that is soon reached. */
@Rule(5)
@RequiresSystem
class MountLimitIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.withEngine().with("BERTH_LIMITS_LONG_CALL", "8s"));

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Containers containers = BED.containers();

  @Test
  @DisplayName(
      "47: a Mount longer than its limit is answered before it ends, and a later one joins")
  void case47_mountOverTheLimit() {
    containers.create("c47");
    BED.tools().hold("mkfs.ext4", "/c47.");
    Output failed = containers.tryRun("c47", "true");
    assertThat(failed.succeeded()).isFalse();
    assertThat(failed.err()).contains("c47");
    assertThat(BED.tools().hits("mkfs.ext4", "/c47.")).isEqualTo(1);
    assertThat(BED.mounted("c47")).isFalse();
    BED.tools().clear("/c47.");
    await().atMost(LIMIT).until(() -> BED.tools().runs("mount", "/c47.") > 0);
    containers.run("c47", "echo x > /m/f");
    assertThat(BED.tools().runs("mkfs.ext4", "/c47.")).isEqualTo(1);
    BED.awaitReleased("c47");
  }
}
