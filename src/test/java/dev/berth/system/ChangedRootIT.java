package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A container whose process has changed its root, and does not see its own volume any more. */
@RequiresSystem
class ChangedRootIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension
  static final TestBed BED = new TestBed(BedOptions.withEngine().recordingCalls().in(STORE));

  private final Containers containers = BED.containers();

  @ParameterizedTest
  @ValueSource(strings = {"s3", "loop"})
  void itKeepsItsVolume(String backend) {
    containers.create("jailed", "backend=" + backend);
    containers.startWith(
        "jail",
        "jailed",
        "mkdir -p /jail/bin; cp /bin/busybox /jail/bin/; echo before > /m/f;"
            + " exec chroot /jail /bin/busybox sleep 3600");
    BED.client().unmount("jailed", BED.proxy().calls("Mount", "jailed").getLast().id()).orFail();
    assertThat(BED.mounted("jailed")).isTrue();
    assertThat(BED.client().remove("jailed").failed().error()).contains("in use");
    assertThat(containers.exec("jail", "echo after >> /m/f; cat /m/f").lines())
        .containsExactly("before", "after");
    containers.remove("jail");
    BED.awaitReleased("jailed");
  }
}
