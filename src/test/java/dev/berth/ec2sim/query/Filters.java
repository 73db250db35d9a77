package dev.berth.ec2sim.query;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The filters that a describe of {@code T} knows.
 *
 * @param fields what a filter of that name looks at
 * @param tags for {@code tag:KEY} and {@code tag-key}
 */
public record Filters<T>(
    Map<String, Function<T, Stream<String>>> fields, Function<T, Map<String, String>> tags) {

  /** True for what passes all of {@code filters}; an unknown one is an error. */
  public Predicate<T> all(List<Filter> filters) {
    return filters.stream().map(this::one).reduce(thing -> true, Predicate::and);
  }

  private Predicate<T> one(Filter filter) {
    Function<T, Stream<String>> field = field(filter.name());
    return thing -> field.apply(thing).anyMatch(filter::matches);
  }

  private Function<T, Stream<String>> field(String name) {
    if (name.startsWith("tag:")) {
      return thing -> Stream.ofNullable(tags.apply(thing).get(name.substring(4)));
    }
    if (name.equals("tag-key")) {
      return thing -> tags.apply(thing).keySet().stream();
    }
    Function<T, Stream<String>> field = fields.get(name);
    if (field == null) {
      throw Ec2Error.invalidValue("The filter '%s' is invalid".formatted(name));
    }
    return field;
  }
}
