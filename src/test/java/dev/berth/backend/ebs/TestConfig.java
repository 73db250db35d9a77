package dev.berth.backend.ebs;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A configuration without files and variables. */
record TestConfig(
    Path root,
    Optional<String> hostId,
    Optional<URI> endpoint,
    Optional<Devices> devices,
    Optional<String> region,
    Optional<String> availabilityZone,
    Path sysfs,
    Path deviceNodes,
    boolean deleteAdopted)
    implements EbsConfig, EbsConfig.Ebs {

  /** Nothing is set. */
  static TestConfig empty(Path root) {
    return new TestConfig(
        root,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Path.of("/sys/block"),
        Path.of("/dev"),
        false);
  }

  TestConfig with(URI endpoint, Devices devices) {
    return new TestConfig(
        root,
        hostId,
        Optional.of(endpoint),
        Optional.of(devices),
        region,
        availabilityZone,
        sysfs,
        deviceNodes,
        deleteAdopted);
  }

  TestConfig as(String instance, String region, String zone) {
    return new TestConfig(
        root,
        Optional.of(instance),
        endpoint,
        devices,
        Optional.of(region),
        Optional.of(zone),
        sysfs,
        deviceNodes,
        deleteAdopted);
  }

  TestConfig seeing(Path sysfs, Path deviceNodes) {
    return new TestConfig(
        root,
        hostId,
        endpoint,
        devices,
        region,
        availabilityZone,
        sysfs,
        deviceNodes,
        deleteAdopted);
  }

  /** {@code onRemove=delete} holds for what Berth did not make, too. */
  TestConfig deletingAdopted() {
    return new TestConfig(
        root, hostId, endpoint, devices, region, availabilityZone, sysfs, deviceNodes, true);
  }

  @Override
  public Duration stuckAfter() {
    return EbsTimings.USUAL.stuck();
  }

  @Override
  public Ebs ebs() {
    return this;
  }
}
