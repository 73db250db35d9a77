package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.Output;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Berth without CAP_SYS_PTRACE: it cannot tell the namespace of processes of other users. */
@Rule(17)
@RequiresSystem
class WithoutPtraceIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.withEngine().recordingCalls().in(STORE).withoutPtrace());

  private final Containers containers = BED.containers();

  /** The engine sends an Unmount with the id of a running container at each {@code docker cp}. */
  @ParameterizedTest
  @ValueSource(strings = {"s3", "loop"})
  void aContainerOfAnotherUserKeepsItsVolume(String backend) {
    containers.create("used", "backend=" + backend, "mode=0777");
    containers.start("user", "used", "--user", "1000");
    containers.exec("user", "echo before > /m/f");
    BED.client().unmount("used", BED.proxy().calls("Mount", "used").getLast().id()).orFail();
    assertThat(BED.mounted("used")).isTrue();
    assertThat(BED.client().remove("used").failed().error()).contains("in use").contains("at /m");
    assertThat(containers.exec("user", "echo after >> /m/f; cat /m/f").lines())
        .containsExactly("before", "after");
    assertThat(BED.mounted("used")).isTrue();
    containers.remove("user");
    BED.awaitReleased("used");
    Output doctor = BED.berth().command("doctor").run();
    assertThat(doctor.out()).containsPattern("capabilities +warning .*CAP_SYS_PTRACE");
  }
}
