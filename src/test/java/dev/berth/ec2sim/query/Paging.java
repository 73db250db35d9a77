package dev.berth.ec2sim.query;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Which part of the result a describe wants.
 *
 * @param after the id of the last one of the page before
 */
public record Paging(Optional<Integer> limit, Optional<String> after) {
  private static final int MIN = 5;
  private static final int MAX = 1000;

  /** A page. */
  public record Page<T>(List<T> items, Optional<String> nextToken) {}

  /** Reads it; ids and a page size exclude each other. */
  public static Paging of(Query query, List<String> ids) {
    Optional<Integer> limit = query.integer("MaxResults");
    Optional<String> token = query.text("NextToken");
    limit
        .filter(max -> max < MIN)
        .ifPresent(
            max -> {
              throw Ec2Error.invalidValue(
                  "Value ( %d ) for parameter maxResults is invalid. Expecting a value greater than %d."
                      .formatted(max, MIN));
            });
    if (limit.isPresent() && !ids.isEmpty()) {
      throw Ec2Error.invalidCombination(
          "The parameter maxResults cannot be used with a list of ids");
    }
    return new Paging(limit, token.map(Paging::decode));
  }

  private static String decode(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Ec2Error.invalidValue("The token '%s' is invalid".formatted(token));
    }
  }

  /** The page of {@code all}, in the order of their ids. */
  public <T> Page<T> cut(Stream<T> all, Function<T, String> id) {
    List<T> rest =
        all.filter(item -> after.map(last -> id.apply(item).compareTo(last) > 0).orElse(true))
            .toList();
    int size = Math.min(limit.orElse(MAX), MAX);
    if (rest.size() <= size) {
      return new Page<>(rest, Optional.empty());
    }
    List<T> items = rest.subList(0, size);
    byte[] last = id.apply(items.getLast()).getBytes(StandardCharsets.UTF_8);
    return new Page<>(items, Optional.of(Base64.getUrlEncoder().encodeToString(last)));
  }
}
