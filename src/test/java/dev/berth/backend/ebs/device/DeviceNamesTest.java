package dev.berth.backend.ebs.device;

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
  private int volumes;
  private final DeviceNames names = new DeviceNames(() -> now, Duration.ofHours(1));

  private Optional<String> reserveForAnother() {
    return names.reserve("vol-" + volumes++);
  }

  private String reserve() {
    return reserveForAnother().orElseThrow();
  }

  @Test
  void aVolumeHasOneNameUntilThatIsReleasedOrTurnsOutToBeTaken() {
    assertThat(names.reserve("vol-a")).contains("/dev/xvdaa");
    assertThat(names.reserve("vol-a")).contains("/dev/xvdaa");
    names.taken(List.of("/dev/xvdaa"));
    assertThat(names.reserve("vol-a")).contains("/dev/xvdab");
    names.avoid("/dev/xvdab");
    assertThat(names.reserve("vol-a")).contains("/dev/xvdac");
    names.release("/dev/xvdac");
    assertThat(reserve()).isEqualTo("/dev/xvdac");
    names.confirm("vol-b", "/dev/xvdad");
    assertThat(reserve()).isEqualTo("/dev/xvdae");
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
    names.confirm("vol-0", "/dev/xvdaa");
    names.release("/dev/xvdaa");
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
    for (Optional<String> name = reserveForAnother();
        name.isPresent();
        name = reserveForAnother()) {
      assertThat(all.add(name.get())).isTrue();
    }
    assertThat(all).hasSize(101).doesNotContain("/dev/xvda");
    assertThat(reserveForAnother()).isEmpty();
  }

  @Test
  void avoidedNamesAreBetterThanNone() {
    while (reserveForAnother().isPresent()) {}
    names.avoid("/dev/xvdb");
    assertThat(reserveForAnother()).contains("/dev/xvdb");
  }
}
