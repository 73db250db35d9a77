package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The types of volumes, with the ranges the service allows. Sizes in GiB, throughput in MiB/s. */
public enum VolumeType {
  GP3(1, 65_536, 3_000, 80_000, 500),
  GP2(1, 16_384, 0, 0, 0),
  IO1(4, 16_384, 100, 64_000, 50),
  IO2(4, 65_536, 100, 256_000, 1_000),
  ST1(125, 16_384, 0, 0, 0),
  SC1(125, 16_384, 0, 0, 0),
  STANDARD(1, 1_024, 0, 0, 0);

  private static final int MIN_THROUGHPUT = 125;
  private static final int MAX_THROUGHPUT = 2_000;

  private final int minSize;
  private final int maxSize;
  private final int minIops;
  private final int maxIops;
  private final int iopsPerGib;

  VolumeType(int minSize, int maxSize, int minIops, int maxIops, int iopsPerGib) {
    this.minSize = minSize;
    this.maxSize = maxSize;
    this.minIops = minIops;
    this.maxIops = maxIops;
    this.iopsPerGib = iopsPerGib;
  }

  static VolumeType of(String name) {
    return Stream.of(values())
        .filter(type -> type.wire().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new Ec2Error("UnknownVolumeType", "Unknown volume type '%s'".formatted(name)));
  }

  /** As the service names it. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  void checkSize(int size) {
    if (size < minSize) {
      throw Ec2Error.invalidValue(
          "Volume of %dGiB is too small for volume type %s; minimum is %dGiB."
              .formatted(size, wire(), minSize));
    }
    if (size > maxSize) {
      throw Ec2Error.invalidValue(
          "Volume of %dGiB is too large for volume type %s; maximum is %dGiB."
              .formatted(size, wire(), maxSize));
    }
  }

  /** What the volume gets when {@code iops} are asked for: that, or what the type gives. */
  Optional<Integer> iops(Optional<Integer> iops, int size) {
    if (maxIops == 0) {
      if (iops.isPresent()) {
        throw Ec2Error.invalidCombination(
            "The parameter iops is not supported for %s volumes.".formatted(wire()));
      }
      return this == GP2 ? Optional.of(Math.clamp(size * 3L, 100, 16_000)) : Optional.empty();
    }
    if (iops.isEmpty() && this != GP3) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter iops");
    }
    return Optional.of(checkIops(iops.orElse(minIops), size));
  }

  private int checkIops(int iops, int size) {
    if (iops < minIops) {
      throw Ec2Error.invalidValue(
          "Volume iops of %d is too low; minimum is %d.".formatted(iops, minIops));
    }
    if (iops > maxIops) {
      throw Ec2Error.invalidValue(
          "Volume iops of %d is too high; maximum is %d.".formatted(iops, maxIops));
    }
    boolean included = this == GP3 && iops == minIops;
    if (!included && (double) iops / size > iopsPerGib) {
      throw Ec2Error.invalidValue(
          "Iops to volume size ratio of %.6f is too high; maximum is %.6f."
              .formatted((double) iops / size, (double) iopsPerGib));
    }
    return iops;
  }

  /** What the volume gets when {@code throughput} is asked for and it has {@code iops}. */
  Optional<Integer> throughput(Optional<Integer> throughput, Optional<Integer> iops) {
    if (this != GP3) {
      if (throughput.isPresent()) {
        throw Ec2Error.invalidCombination(
            "The parameter throughput is not supported for %s volumes.".formatted(wire()));
      }
      return Optional.empty();
    }
    int value = throughput.orElse(MIN_THROUGHPUT);
    if (value < MIN_THROUGHPUT || value > MAX_THROUGHPUT) {
      throw Ec2Error.invalidValue(
          "Throughput of %d MiB/s is out of range; minimum is %d, maximum is %d."
              .formatted(value, MIN_THROUGHPUT, MAX_THROUGHPUT));
    }
    if (value * 4 > iops.orElse(minIops)) {
      throw Ec2Error.invalidValue(
          "Throughput (MiBps) to iops ratio of %.6f is too high; maximum is 0.250000 MiBps per iops."
              .formatted((double) value / iops.orElse(minIops)));
    }
    return Optional.of(value);
  }
}
