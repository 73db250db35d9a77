package dev.berth.testing;

import java.nio.file.Path;
import java.util.Map;

/** A cloud on this host that a {@link TestBed} starts before its Berth and stops after it. */
public interface Cloud {
  /** Starts it, with its files below {@code directory}, and waits until it answers. */
  void start(Path directory);

  /** The environment variables with which Berth finds it. */
  Map<String, String> settings();

  /** Stops it; not started: nothing. */
  void stop();
}
