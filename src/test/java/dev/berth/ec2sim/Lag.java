package dev.berth.ec2sim;

import java.time.Duration;
import java.util.stream.Stream;

/** How far describes are behind. */
final class Lag {
  private final World world;
  private volatile Duration lag = Duration.ZERO;

  Lag(World world) {
    this.world = world;
  }

  void set(Duration time) {
    lag = time;
  }

  /** What a describe sees of {@code store} now. */
  <T> Stream<T> of(Store<T> store) {
    return lag.isZero() ? store.all() : store.asOf(world.now().minus(lag));
  }
}
