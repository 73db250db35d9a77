package dev.berth.backend.ebs;

import dev.berth.volume.VolumeException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** EBS's types of volumes, with what a volume of each can be: EBS user guide, "volume types". */
enum VolumeType {
  GP3(1, 65_536, 3_000, 80_000, 500, 125, 2_000),
  GP2(1, 16_384),
  IO1(4, 16_384, 100, 64_000, 50, 0, 0),
  IO2(4, 65_536, 100, 256_000, 1_000, 0, 0),
  ST1(125, 16_384),
  SC1(125, 16_384),
  STANDARD(1, 1_024);

  /** EBS allows one MiB/s for four IOPS. */
  private static final int IOPS_PER_THROUGHPUT = 4;

  private final int leastGiB;
  private final int mostGiB;
  private final int leastIops;
  private final int mostIops;
  private final int iopsPerGiB;
  private final int leastThroughput;
  private final int mostThroughput;

  VolumeType(int leastGiB, int mostGiB) {
    this(leastGiB, mostGiB, 0, 0, 0, 0, 0);
  }

  /** Throughput is in MiB/s; 0 where nothing can be chosen. */
  VolumeType(
      int leastGiB,
      int mostGiB,
      int leastIops,
      int mostIops,
      int iopsPerGiB,
      int leastThroughput,
      int mostThroughput) {
    this.leastGiB = leastGiB;
    this.mostGiB = mostGiB;
    this.leastIops = leastIops;
    this.mostIops = mostIops;
    this.iopsPerGiB = iopsPerGiB;
    this.leastThroughput = leastThroughput;
    this.mostThroughput = mostThroughput;
  }

  /** As EC2 spells it. */
  String apiName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<VolumeType> of(String apiName) {
    return Arrays.stream(values()).filter(type -> type.apiName().equals(apiName)).findFirst();
  }

  /**
   * Refuses, as {@link VolumeException.Invalid} with what is allowed, a volume that this type does
   * not have; {@code throughput} is in MiB/s.
   */
  void check(long sizeGiB, Optional<Integer> iops, Optional<Integer> throughput) {
    if (sizeGiB < leastGiB || sizeGiB > mostGiB) {
      throw refused("size", sizeGiB + "GiB", leastGiB + "GiB", mostGiB + "GiB", "");
    }
    iops.ifPresent(value -> checkIops(sizeGiB, value));
    throughput.ifPresent(value -> checkThroughput(value, iops.orElse(leastIops)));
  }

  /** Refuses, as {@link VolumeException.Invalid}, a new volume without the IOPS it has to have. */
  void requireIops(long sizeGiB, Optional<Integer> iops) {
    if ((this == IO1 || this == IO2) && iops.isEmpty()) {
      throw new VolumeException.Invalid(
          "volumes of type %s need iops: from %d to %d"
              .formatted(apiName(), leastIops, mostIops(sizeGiB)));
    }
  }

  private long mostIops(long sizeGiB) {
    return Math.clamp(iopsPerGiB * sizeGiB, leastIops, mostIops);
  }

  private void checkIops(long sizeGiB, int value) {
    if (mostIops == 0) {
      throw notChosen("iops");
    }
    long most = mostIops(sizeGiB);
    if (value < leastIops || value > most) {
      throw refused(
          "iops",
          "" + value,
          "" + leastIops,
          "" + most,
          " at %dGiB (%d for each GiB, at most %d)".formatted(sizeGiB, iopsPerGiB, mostIops));
    }
  }

  private void checkThroughput(int value, int iops) {
    if (mostThroughput == 0) {
      throw notChosen("throughput");
    }
    int most = Math.min(mostThroughput, iops / IOPS_PER_THROUGHPUT);
    if (value < leastThroughput || value > most) {
      throw refused(
          "throughput",
          value + " MiB/s",
          "" + leastThroughput,
          "" + most,
          " at %d iops (one for each %d iops, at most %d)"
              .formatted(iops, IOPS_PER_THROUGHPUT, mostThroughput));
    }
  }

  private VolumeException.Invalid notChosen(String what) {
    return new VolumeException.Invalid(
        "volumes of type %s have no %s to choose; leave it out, or choose another type"
            .formatted(apiName(), what));
  }

  private VolumeException.Invalid refused(
      String what, String value, String least, String most, String where) {
    return new VolumeException.Invalid(
        "%s %s: volumes of type %s have from %s to %s%s"
            .formatted(what, value, apiName(), least, most, where));
  }
}
