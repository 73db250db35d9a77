package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The shape of ids, and what is said of those that are not there. */
enum Ids {
  VOLUME("vol", "volume", "InvalidVolume.NotFound", "The volume '%s' does not exist."),
  SNAPSHOT("snap", "snapshot", "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist."),
  INSTANCE("i", "instance", "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist");

  private final String prefix;
  private final String noun;
  private final Pattern shape;
  private final String code;
  private final String message;

  Ids(String prefix, String noun, String code, String message) {
    this.prefix = prefix;
    this.noun = noun;
    this.code = code;
    this.message = message;
    shape = Pattern.compile(prefix + "-([0-9a-f]{8}|[0-9a-f]{17})");
  }

  Ec2Error notFound(String id) {
    return new Ec2Error(code, message.formatted(id));
  }

  /** The thing with this id in {@code store}, or the error that says it is not there. */
  <T> T require(Store<T> store, String id) {
    checkShape(id);
    return store.find(id).orElseThrow(() -> notFound(id));
  }

  /** Those of {@code all} that have the {@code ids}; one that is missing fails the call. */
  <T> Stream<T> select(
      Stream<T> all, java.util.function.Function<T, String> idOf, List<String> ids) {
    if (ids.isEmpty()) {
      return all;
    }
    ids.forEach(this::checkShape);
    List<T> found = all.filter(thing -> ids.contains(idOf.apply(thing))).toList();
    List<String> there = found.stream().map(idOf).toList();
    String missing =
        ids.stream().filter(id -> !there.contains(id)).collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw notFound(missing);
    }
    return found.stream();
  }

  private void checkShape(String id) {
    if (!shape.matcher(id).matches()) {
      throw Ec2Error.invalidValue(
          "Value (%s) for parameter %sId is invalid. Expected: '%s-...'."
              .formatted(id, noun, prefix));
    }
  }

  static Optional<Ids> of(String id) {
    return Stream.of(values()).filter(kind -> kind.shape.matcher(id).matches()).findFirst();
  }
}
