package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.MovableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackOffTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private final MovableClock clock = new MovableClock();
  private final BackOff backOff = new BackOff(clock);

  @Test
  void theFirstTryIsAtOnceAndPausesGrow() {
    assertThat(backOff.due()).isTrue();
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      backOff.tried();
      clock.move(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(backOff.due()).as("%d s", seconds).isFalse();
      clock.move(Duration.ofMillis(1));
      assertThat(backOff.due()).as("%d s", seconds).isTrue();
    }
  }

  @Test
  void aMinuteOfWellBeingForgivesAll() {
    backOff.tried();
    clock.move(SECOND);
    backOff.tried();
    backOff.well();
    assertThat(backOff.due()).isFalse();
    clock.move(Duration.ofMinutes(1));
    backOff.well();
    backOff.tried();
    clock.move(SECOND);
    assertThat(backOff.due()).isTrue();
  }

  @Test
  void aClockThatIsSetBackDelaysNothing() {
    backOff.tried();
    clock.move(Duration.ofHours(-1));
    assertThat(backOff.due()).isTrue();
    backOff.tried();
    clock.move(SECOND.multipliedBy(2));
    assertThat(backOff.due()).isTrue();
  }
}
