package dev.berth.testing;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A cloud on this host that a {@link TestBed} starts before its Berth and stops after it. */
public interface Cloud {
  /** Starts it, with its files below {@code directory}, and waits until it answers. */
  void start(Path directory);

  /** The environment variables with which Berth finds it. */
  Map<String, String> settings();

  /**
   * Where the bytes of volumes are, in files {@code <name>.….img}; empty if Berth has them below
   * its root.
   */
  default Optional<Path> images() {
    return Optional.empty();
  }

  /** Stops it; not started: nothing. */
  void stop();
}
