package dev.berth.lifecycle;

/**
 * The process at the other end of a connection to the socket: an engine.
 *
 * @param pid 0 if it is in a pid namespace that this process does not see, or is not known
 */
public record Caller(long pid) {
  public static final Caller UNKNOWN = new Caller(0);

  public boolean isKnown() {
    return pid > 0;
  }
}
