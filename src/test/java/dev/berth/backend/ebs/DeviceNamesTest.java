package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceNamesTest {
  private Instant now = Instant.EPOCH;
  private final DeviceNames names = new DeviceNames(() -> now, Duration.ofHours(1));

  private String reserve() {
    return names.reserve().orElseThrow();
  }

  @Test
  void theFirstFreeNameIsTaken() {
    assertThat(reserve()).isEqualTo("/dev/xvdaa");
    assertThat(reserve()).isEqualTo("/dev/xvdab");
    names.release("/dev/xvdaa");
    assertThat(reserve()).isEqualTo("/dev/xvdaa");
  }

  @Test
  void aNameThatDidNotWorkIsAvoidedForAWhile() {
    names.avoid(reserve());
    assertThat(reserve()).isEqualTo("/dev/xvdab");
    now = now.plus(Duration.ofHours(1));
    assertThat(reserve()).isEqualTo("/dev/xvdaa");
  }

  @Test
  void aNameThatWorkedIsNotAvoidedAnyMore() {
    names.avoid("/dev/xvdaa");
    names.confirm("/dev/xvdaa");
    assertThat(reserve()).isEqualTo("/dev/xvdaa");
  }

  @Test
  void namesThatEc2KnowsToBeTakenAreSkippedInBothSpellings() {
    names.taken(List.of("/dev/xvdaa", "sdab", "/dev/sda1"));
    assertThat(reserve()).isEqualTo("/dev/xvdac");
  }

  @Test
  void allAreDifferentAndNoneIsTheRootDevice() {
    Set<String> all = new HashSet<>();
    for (Optional<String> name = names.reserve(); name.isPresent(); name = names.reserve()) {
      assertThat(all.add(name.get())).isTrue();
    }
    assertThat(all).hasSize(101).doesNotContain("/dev/xvda");
    assertThat(names.reserve()).isEmpty();
  }

  @Test
  void avoidedNamesAreBetterThanNone() {
    while (names.reserve().isPresent()) {}
    names.avoid("/dev/xvdb");
    assertThat(names.reserve()).contains("/dev/xvdb");
  }
}
