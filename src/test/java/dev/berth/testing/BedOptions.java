package dev.berth.testing;

import java.util.HashMap;
import java.util.Map;

/** What a {@link TestBed} is to consist of. */
public record BedOptions(
    boolean engine,
    boolean recording,
    boolean liveRestore,
    boolean steps,
    boolean store,
    Map<String, String> settings) {
  /** Berth alone, for tests on the wire; volumes are small and released at once. */
  public static BedOptions berthOnly() {
    return new BedOptions(
        false,
        false,
        false,
        false,
        false,
        Map.of("BERTH_LINGER", "0s", "BERTH_DEFAULTS_SIZE", "64MiB"));
  }

  /** Berth and an engine. */
  public static BedOptions withEngine() {
    return new BedOptions(true, false, false, false, false, berthOnly().settings());
  }

  /** Puts a {@link RecordingProxy} between the two. */
  public BedOptions recordingCalls() {
    return new BedOptions(engine, true, liveRestore, steps, store, settings);
  }

  /** Containers outlive the engine. */
  public BedOptions restoringLive() {
    return new BedOptions(engine, recording, true, steps, store, settings);
  }

  /** Berth can be held at any of its steps, see {@link Steps}. */
  public BedOptions holdingSteps() {
    return new BedOptions(engine, recording, liveRestore, true, store, settings);
  }

  /** There is an {@link S3Store}, which Berth knows, with a bucket for all volumes. */
  public BedOptions withStore() {
    return new BedOptions(engine, recording, liveRestore, steps, true, settings);
  }

  /** An environment variable for Berth. */
  public BedOptions with(String variable, String value) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(variable, value);
    return new BedOptions(engine, recording, liveRestore, steps, store, all);
  }
}
