package dev.berth.ec2sim;

/** Lets {@code burst} calls through at once and {@code rate} a second from then on. */
final class TokenBucket {
  private final double rate;
  private final double burst;
  private double tokens;
  private long last = System.nanoTime();

  TokenBucket(double rate, int burst) {
    this.rate = rate;
    this.burst = burst;
    tokens = burst;
  }

  synchronized boolean take() {
    long now = System.nanoTime();
    tokens = Math.min(burst, tokens + (now - last) / 1e9 * rate);
    last = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
