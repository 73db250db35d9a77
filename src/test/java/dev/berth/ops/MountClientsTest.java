package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.volume.MountClient;
import dev.berth.volume.MountClient.State;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MountClientsTest {
  @Test
  void anybodyIsToldHowManyAreUnwellAndNotWhich() {
    Finding finding =
        MountClients.counted(
            List.of(
                client(State.HEALTHY),
                client(State.ENDPOINT_DOWN),
                client(State.DEAD),
                client(State.HEALTHY)));
    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
    assertThat(finding.message())
        .startsWith("2 of 4 clients of mounted volumes are not well")
        .doesNotContain("secret", "s3://", "4711");
  }

  @Test
  void wellIsOk() {
    assertThat(MountClients.counted(List.of(client(State.HEALTHY))).severity())
        .isEqualTo(Finding.Severity.OK);
  }

  private static MountClient client(State state) {
    return new MountClient(
        "s3fs",
        4711,
        state,
        0,
        OptionalLong.empty(),
        Optional.of("volume secret-project at s3://secb/tenant-a/private/: no answer"));
  }
}
