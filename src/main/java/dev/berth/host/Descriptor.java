package dev.berth.host;

/**
 * An open file descriptor of this process; to be closed once.
 *
 * @param number not negative
 */
record Descriptor(long number) implements AutoCloseable {
  /** What {@code call} returned; an error is {@link HostException.CallFailed} that names it. */
  static Descriptor of(String call, long result) {
    return new Descriptor(check(call, result));
  }

  /** The same for a call that returns something else. */
  static long check(String call, long result) {
    if (result < 0) {
      throw new HostException.CallFailed(call, result);
    }
    return result;
  }

  @Override
  public void close() {
    Libc.close(number);
  }
}
