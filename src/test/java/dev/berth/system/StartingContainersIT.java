package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Async;
import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.Images;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each container that starts has, for a moment, a copy of all of the host's mounts. */
@RequiresSystem
class StartingContainersIT {
  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().with("BERTH_LINGER", "1h"));

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int TIMES = 5;

  private final DockerEngine engine = BED.engine();
  private final Containers containers = BED.containers();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<Future<Boolean>> streams = new ArrayList<>();

  @AfterEach
  void end() {
    enough.set(true);
    streams.forEach(stream -> assertThat(Async.get(stream, LIMIT)).isTrue());
  }

  @Test
  void aVolumeIsRemovedUnderAStreamOfThem() {
    for (int i = 0; i < 2; i++) {
      stream(
          () -> engine.docker("run", "--rm", "--network=none", Images.PLAIN, "true").succeeded());
    }
    for (int i = 0; i < TIMES; i++) {
      containers.run("gone" + i, "echo x > /m/f");
      engine.docker("volume", "rm", "gone" + i);
      assertThat(BED.mounted("gone" + i)).isFalse();
    }
  }

  /** There is no moment without a copy: the next one comes before the last has gone. */
  @Test
  void aVolumeIsRemovedThoughThereIsNoMomentWithoutACopy() {
    for (int i = 0; i < 3; i++) {
      stream(
          () ->
              Run.of("unshare", "--mount", "--propagation", "private", "sleep", "0.5")
                  .run()
                  .succeeded());
      Async.pause(Duration.ofMillis(150));
    }
    for (int i = 0; i < TIMES; i++) {
      containers.run("never" + i, "echo x > /m/f");
      engine.docker("volume", "rm", "never" + i);
      assertThat(BED.mounted("never" + i)).isFalse();
      assertThat(BED.attached("never" + i)).isFalse();
    }
  }

  private void stream(java.util.function.BooleanSupplier one) {
    streams.add(
        Async.start(
            () -> {
              boolean well = true;
              while (well && !enough.get()) {
                well = one.getAsBoolean();
              }
              return well;
            }));
  }
}
