package dev.berth.testing;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@link TestBed} is to consist of.
 *
 * @param driver the name Docker has for Berth; a random one if empty
 * @param cloud what is started before Berth, which gets its settings
 * @param settings environment variables for Berth
 */
public record BedOptions(
    Set<Part> parts, Optional<String> driver, Optional<Cloud> cloud, Map<String, String> settings) {
  /** What a bed may have beside Berth. */
  public enum Part {
    /** A Docker engine. */
    ENGINE,
    /** A {@link RecordingProxy} between the engine and Berth. */
    RECORDING,
    /** Containers outlive the engine. */
    LIVE_RESTORE,
    /** Berth can be held at any of its steps, see {@link Steps}. */
    STEPS,
    /** Berth's root is a {@link HostDisk}. */
    DISK,
    /** Berth is in a mount namespace of its own, and nobody sees what it mounts. */
    PRIVATE_MOUNTS,
    /** Berth may not look into processes that have more rights than it, or another user. */
    WITHOUT_PTRACE
  }

  /** Berth alone, for tests on the wire; volumes are small and released at once. */
  public static BedOptions berthOnly() {
    return new BedOptions(
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of("BERTH_LINGER", "0s", "BERTH_DEFAULTS_SIZE", "64MiB"));
  }

  /**
   * Berth and an engine. With the system property {@code berth.test.backend=ebs} volumes are on a
   * {@link SimulatedCloud}, so that tests with the tag {@code any-backend} run on both.
   */
  public static BedOptions withEngine() {
    BedOptions options = berthOnly().and(Part.ENGINE);
    return System.getProperty("berth.test.backend", "loop").equals("ebs")
        ? options.in(new SimulatedCloud())
        : options;
  }

  public BedOptions recordingCalls() {
    return and(Part.RECORDING);
  }

  public BedOptions restoringLive() {
    return and(Part.LIVE_RESTORE);
  }

  public BedOptions holdingSteps() {
    return and(Part.STEPS);
  }

  public BedOptions onItsOwnDisk() {
    return and(Part.DISK);
  }

  public BedOptions withPrivateMounts() {
    return and(Part.PRIVATE_MOUNTS);
  }

  public BedOptions withoutPtrace() {
    return and(Part.WITHOUT_PTRACE);
  }

  public boolean has(Part part) {
    return parts.contains(part);
  }

  private BedOptions and(Part part) {
    Set<Part> all = EnumSet.of(part);
    all.addAll(parts);
    return new BedOptions(all, driver, cloud, settings);
  }

  /** The plugin's socket has this name; nothing else on the host may have it. */
  public BedOptions named(String name) {
    return new BedOptions(parts, Optional.of(name), cloud, settings);
  }

  public BedOptions in(Cloud place) {
    return new BedOptions(parts, driver, Optional.of(place), settings);
  }

  /** An environment variable for Berth. */
  public BedOptions with(String variable, String value) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(variable, value);
    return new BedOptions(parts, driver, cloud, all);
  }
}
