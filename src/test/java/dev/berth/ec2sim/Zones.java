package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import java.util.List;
import java.util.Optional;

/** The zones of the region: three, named a, b and c. */
record Zones(String region) {
  /** One of them. */
  record Zone(String name, String id) {}

  List<Zone> all() {
    return List.of(zone("a", 1), zone("b", 2), zone("c", 3));
  }

  private Zone zone(String letter, int number) {
    return new Zone(region + letter, region.replace("-", "") + "-az" + number);
  }

  Zone named(String name) {
    return all().stream()
        .filter(zone -> zone.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new Ec2Error(
                    "InvalidZone.NotFound", "The zone '%s' does not exist.".formatted(name)));
  }

  /** The zone that a request names, by name or by id. */
  Zone of(Query query) {
    Optional<String> name = query.text("AvailabilityZone");
    Optional<String> id = query.text("AvailabilityZoneId");
    if (name.isPresent() && id.isPresent()) {
      throw Ec2Error.invalidCombination(
          "The parameters availabilityZone and availabilityZoneId cannot be used together");
    }
    if (id.isPresent()) {
      return all().stream()
          .filter(zone -> zone.id().equals(id.get()))
          .findFirst()
          .orElseThrow(
              () ->
                  new Ec2Error(
                      "InvalidZone.NotFound", "The zone '%s' does not exist.".formatted(id.get())));
    }
    return named(
        name.orElseThrow(
            () ->
                new Ec2Error(
                    "MissingParameter",
                    "The request must contain the parameter availabilityZone")));
  }
}
