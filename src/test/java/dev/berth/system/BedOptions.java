package dev.berth.system;

import java.util.HashMap;
import java.util.Map;

/** What a {@link TestBed} is to consist of. */
record BedOptions(
    boolean engine, boolean recording, boolean liveRestore, Map<String, String> settings) {
  /** Berth alone, for tests on the wire; volumes are small and released at once. */
  static BedOptions berthOnly() {
    return new BedOptions(
        false, false, false, Map.of("BERTH_LINGER", "0s", "BERTH_DEFAULTS_SIZE", "64MiB"));
  }

  /** Berth and an engine. */
  static BedOptions withEngine() {
    return new BedOptions(true, false, false, berthOnly().settings());
  }

  /** Puts a {@link RecordingProxy} between the two. */
  BedOptions recordingCalls() {
    return new BedOptions(engine, true, liveRestore, settings);
  }

  /** Containers outlive the engine. */
  BedOptions restoringLive() {
    return new BedOptions(engine, recording, true, settings);
  }

  /** An environment variable for Berth. */
  BedOptions with(String variable, String value) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(variable, value);
    return new BedOptions(engine, recording, liveRestore, all);
  }
}
